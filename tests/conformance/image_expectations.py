#!/usr/bin/env python3
"""What TensorFlow and Pillow make of small random images; tests/image/resize.cpp replays it without Python.

    image_expectations.py FILE      writes the JSON of tests/conformance/image_expectations.json
"""
import json
import sys

import numpy as np
import tensorflow as tf
from PIL import Image

# (height, width) before and after: smaller, larger, both, odd ratios, single pixels, as it was.
CASES = [((6, 8), (3, 4)), ((3, 4), (7, 6)), ((12, 5), (5, 9)), ((1, 1), (2, 3)), ((1, 7), (4, 3)), ((5, 6), (5, 6)),
         ((17, 23), (4, 5)), ((9, 40), (9, 3)), ((2, 2), (9, 1))]


def floats(x):
    return [round(float(v), 4) for v in np.asarray(x).ravel()]


def case(rng, before, after):
    image = rng.integers(0, 256, (*before, 3), dtype=np.uint8)
    resized = Image.fromarray(image).resize((after[1], after[0]), Image.Resampling.BILINEAR)
    return {
        "before": before, "after": after, "pixels": image.ravel().tolist(),
        "tensorflow": {
            "bilinear": floats(tf.image.resize(image, after, method="bilinear")),
            "antialiased": floats(tf.image.resize(image, after, method="bilinear", antialias=True))},
        "pillow": np.asarray(resized).ravel().tolist()}


def main():
    rng = np.random.default_rng(20)
    with open(sys.argv[1], "w") as file:
        rows = ",\n".join(json.dumps(case(rng, *sizes), separators=(",", ":")) for sizes in CASES)
        file.write('{"resize":[\n' + rows + "\n]}\n")


main()
