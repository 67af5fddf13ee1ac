#!/usr/bin/env python3
"""Images a second on one thread, as benchmarks/images.cpp measures them, of the libraries that are there.

    python3 benchmarks/peers/images.py FOLDER [--count 500] [--rounds 5]

Decodes the JPEG files of a folder from memory and stretches them to 224 x 224 as bytes: OpenCV (INTER_LINEAR, which is
not antialiased), Pillow (BILINEAR, which is), torchvision and TensorFlow. Prints the best of the rounds, by processor
time, which a busy machine disturbs less.
"""
import argparse
import io
import os
import time


def rate(files, rounds, work):
    best = 0
    for _ in range(rounds):
        start = time.process_time()
        for f in files:
            work(f)
        best = max(best, len(files) / (time.process_time() - start))
    return best


def opencv():
    import cv2
    import numpy as np
    cv2.setNumThreads(1)

    def decode(f):
        return cv2.cvtColor(cv2.imdecode(np.frombuffer(f, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return "OpenCV " + cv2.__version__, decode, lambda f: cv2.resize(decode(f), (224, 224))


def pillow():
    import PIL
    from PIL import Image

    def decode(f):
        return Image.open(io.BytesIO(f)).convert("RGB")
    return "Pillow " + PIL.__version__, decode, lambda f: decode(f).resize((224, 224), Image.BILINEAR)


def torchvision():
    import torch
    import torchvision as tv
    torch.set_num_threads(1)

    def decode(f):
        return tv.io.decode_jpeg(torch.frombuffer(bytearray(f), dtype=torch.uint8), mode=tv.io.ImageReadMode.RGB)
    return ("torchvision " + tv.__version__, decode,
            lambda f: tv.transforms.v2.functional.resize(decode(f), [224, 224], antialias=True))


def tensorflow():
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(1)

    def decode(f):
        return tf.io.decode_jpeg(f, channels=3)
    return "TensorFlow " + tf.__version__, decode, lambda f: tf.image.resize(decode(f), [224, 224])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("folder")
    p.add_argument("--count", type=int, default=500)
    p.add_argument("--rounds", type=int, default=5)
    o = p.parse_args()
    files = []
    for name in sorted(os.listdir(o.folder))[:o.count]:
        with open(os.path.join(o.folder, name), "rb") as f:
            files.append(f.read())
    print("| | decode | decode and resize |\n| --- | --- | --- |")
    for make in (opencv, pillow, torchvision, tensorflow):
        try:
            name, decode, both = make()
        except ImportError:
            continue
        print(f"| {name} | {rate(files, o.rounds, decode):.0f} | {rate(files, o.rounds, both):.0f} |", flush=True)


if __name__ == "__main__":
    main()
