#!/usr/bin/env python3
"""What TensorFlow says of losses on small random cases; the tests replay it without Python.

    make_expectations.py FILE      writes the JSON of tests/conformance/expectations.json
"""
import json
import sys

import numpy as np
import tensorflow as tf


def soft_f1(y, z):
    p = tf.sigmoid(z)
    tp, fp, fn = (tf.reduce_sum(x, 0) for x in (p * y, p * (1 - y), (1 - p) * y))
    return tf.reduce_mean(1 - 2 * tp / (2 * tp + fn + fp))


def double_soft_f1(y, z):
    p = tf.sigmoid(z)
    tp, fp, fn, tn = (tf.reduce_sum(x, 0) for x in (p * y, p * (1 - y), (1 - p) * y, (1 - p) * (1 - y)))
    return tf.reduce_mean(0.5 * ((1 - 2 * tp / (2 * tp + fn + fp)) + (1 - 2 * tn / (2 * tn + fn + fp))))


def loss_case(rng):
    n, l = int(rng.integers(1, 9)), int(rng.integers(1, 6))
    # Never 0: there TensorFlow's gradient of its sigmoid cross-entropy is wrong by half (the kinks of max and abs).
    z = tf.constant((2 * rng.integers(-96, 96, (n, l)) + 1) / 32.0, tf.float64)
    y = tf.constant((rng.random((n, l)) < 0.4).astype(float), tf.float64)
    pos_weight = rng.integers(1, 9, l) / 2.0
    one_hot = tf.one_hot(rng.integers(0, l, n), l, dtype=tf.float64)
    losses = {
        "bce": (lambda x: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, x))),
        "bce_pos_weight": (lambda x: tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(y, x, pos_weight))),
        "soft_f1": (lambda x: soft_f1(y, x)),
        "double_soft_f1": (lambda x: double_soft_f1(y, x)),
        "softmax_cross_entropy": (lambda x: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(one_hot, x))),
    }
    expected = {}
    for name, loss in losses.items():
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = loss(z)
        expected[name] = {"value": float(value), "gradient": tape.gradient(value, z).numpy().tolist()}
    return {"logits": z.numpy().tolist(), "targets": y.numpy().tolist(), "one_hot": one_hot.numpy().tolist(),
            "pos_weight": pos_weight.tolist(), "expected": expected}


def main():
    rng = np.random.default_rng(20)
    cases = {"made_with": {"tensorflow": tf.__version__}, "losses": [loss_case(rng) for _ in range(20)]}
    with open(sys.argv[1], "w") as f:
        json.dump(cases, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
