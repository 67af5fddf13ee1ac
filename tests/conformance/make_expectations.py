#!/usr/bin/env python3
"""What scikit-learn and TensorFlow say on small random cases; the tests replay it without Python.

    make_expectations.py FILE      writes the JSON of tests/conformance/expectations.json

Cases have ties, absent and constant labels, empty rows and row weights. Scores are multiples of 1/16, so that they are
the same number in float and double, and a tie is a tie.
"""
import json
import sys
import warnings

import numpy as np
import sklearn
import sklearn.metrics as sk
import tensorflow as tf

warnings.filterwarnings("ignore")
AVERAGES = ("macro", "micro", "weighted", "samples")


def number(x):
    x = float(x)
    return None if np.isnan(x) else x


def metric_case(rng):
    n, l = int(rng.integers(1, 13)), int(rng.integers(1, 6))
    scores = rng.integers(0, 17, (n, l)) / 16.0
    targets = (rng.random((n, l)) < rng.random(l)).astype(int)
    if rng.random() < 0.3:
        targets[:, rng.integers(l)] = 0
    if rng.random() < 0.2:
        targets[:, rng.integers(l)] = 1
    if rng.random() < 0.3:
        targets[rng.integers(n)] = 0
    weights = rng.integers(1, 5, n) / 2.0 if rng.random() < 0.4 else None
    predicted = (scores >= 0.5).astype(int)
    expected = {}
    # A single column is a binary problem to scikit-learn, which then takes other averages.
    if l > 1:
        for zero in (0, 1):
            for average in AVERAGES:
                if average == "weighted" and targets.sum() == 0:
                    continue  # without any positive: 0 here; scikit-learn's answer depends on its version
                p, r, f1, _ = sk.precision_recall_fscore_support(
                    targets, predicted, average=average, zero_division=zero, sample_weight=weights)
                f2 = sk.fbeta_score(targets, predicted, beta=2, average=average, zero_division=zero,
                                    sample_weight=weights)
                j = sk.jaccard_score(targets, predicted, average=average, zero_division=zero, sample_weight=weights)
                expected[f"{average}_{zero}"] = {
                    "precision": number(p), "recall": number(r), "f1": number(f1), "f2": number(f2),
                    "jaccard": number(j)}
        expected["hamming_loss"] = number(sk.hamming_loss(targets, predicted, sample_weight=weights))
        expected["subset_accuracy"] = number(sk.accuracy_score(targets, predicted, sample_weight=weights))
    flat_weights = None if weights is None else np.repeat(weights, l)
    for name, t, s, w in [("micro", targets.ravel(), scores.ravel(), flat_weights)] + [
            (j, targets[:, j], scores[:, j], weights) for j in range(l)]:
        both = 0 < t.sum() < len(t)
        expected.setdefault("average_precision", {})[str(name)] = (
            number(sk.average_precision_score(t, s, sample_weight=w)) if t.sum() else None)
        expected.setdefault("roc_auc", {})[str(name)] = number(sk.roc_auc_score(t, s, sample_weight=w)) if both else None
    expected["mcc"] = [number(sk.matthews_corrcoef(targets[:, j], predicted[:, j], sample_weight=weights))
                       for j in range(l)]
    return {"scores": scores.tolist(), "targets": targets.tolist(),
            "weights": None if weights is None else weights.tolist(), "expected": expected}


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
    cases = {"made_with": {"scikit-learn": sklearn.__version__,
                           "tensorflow": tf.__version__},
             "metrics": [metric_case(rng) for _ in range(60)], "losses": [loss_case(rng) for _ in range(20)]}
    with open(sys.argv[1], "w") as f:
        json.dump(cases, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
