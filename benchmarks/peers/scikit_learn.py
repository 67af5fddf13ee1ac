#!/usr/bin/env python3
"""Times scikit-learn and numpy by hand on the shapes of bench_metrics: best of several runs, in milliseconds.

    pip install numpy scikit-learn; python3 benchmarks/peers/scikit_learn.py [N L]
"""
import sys
import time

import numpy as np
import sklearn
from sklearn import metrics


def best_of(f, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def macro_f1_by_hand(scores, targets):
    predicted = scores >= 0
    tp = (predicted & (targets != 0)).sum(0)
    return np.mean(2 * tp / (predicted.sum(0) + targets.sum(0)))


def best_by_hand(scores, targets):
    order = np.argsort(-scores, axis=0)
    hits = np.take_along_axis(targets, order, 0).cumsum(0)
    f1 = 2 * hits / (np.arange(1, len(scores) + 1)[:, None] + targets.sum(0))
    return f1.max(0)


def best_by_curve(scores, targets):
    for j in range(scores.shape[1]):
        precision, recall, _ = metrics.precision_recall_curve(targets[:, j], scores[:, j])
        np.nanmax(2 * precision * recall / np.maximum(precision + recall, 1e-300))


def main():
    n, l = (int(x) for x in sys.argv[1:3]) if len(sys.argv) > 2 else (65536, 80)
    rng = np.random.default_rng(1)
    targets = (rng.random((n, l)) < 0.03).astype(np.uint8)
    scores = (8 * rng.random((n, l)) - 6 + 2 * targets).astype(np.float32)
    predicted = (scores >= 0).astype(np.uint8)
    print(f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, {n} x {l}, milliseconds")
    for name, f, runs in [
        ("macro F1, scikit-learn, from decisions", lambda: metrics.f1_score(targets, predicted, average="macro"), 5),
        ("macro F1, numpy by hand, from scores", lambda: macro_f1_by_hand(scores, targets), 7),
        ("average precision, scikit-learn", lambda: metrics.average_precision_score(targets, scores), 3),
        ("AUROC, scikit-learn", lambda: metrics.roc_auc_score(targets, scores), 3),
        ("coverage error, scikit-learn", lambda: metrics.coverage_error(targets, scores), 5),
        ("ranking loss, scikit-learn", lambda: metrics.label_ranking_loss(targets, scores), 3),
        ("LRAP, scikit-learn", lambda: metrics.label_ranking_average_precision_score(targets, scores), 2),
        ("nDCG at 5, scikit-learn", lambda: metrics.ndcg_score(targets, scores, k=5), 2),
        ("best F1 thresholds, scikit-learn's curve", lambda: best_by_curve(scores, targets), 3),
        ("best F1 thresholds, numpy by hand", lambda: best_by_hand(scores, targets), 3),
    ]:
        print(f"{name:45s} {best_of(f, runs):9.2f}")


if __name__ == "__main__":
    main()
