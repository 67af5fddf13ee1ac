#!/usr/bin/env python3
"""Times torchmetrics on the shapes of bench_metrics: best of several runs, in milliseconds.

    pip install torch torchmetrics; python3 benchmarks/peers/torch_metrics.py [N L]
"""
import sys
import time

import torch
import torchmetrics
from torchmetrics.functional import classification as tm


def best_of(f, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def main():
    n, l = (int(x) for x in sys.argv[1:3]) if len(sys.argv) > 2 else (65536, 80)
    torch.manual_seed(1)
    targets = (torch.rand(n, l) < 0.03).int()
    scores = torch.sigmoid(8 * torch.rand(n, l) - 6 + 2 * targets)
    print(f"torchmetrics {torchmetrics.__version__}, torch {torch.__version__}, {torch.get_num_threads()} threads, "
          f"{n} x {l}, milliseconds")
    for name, f, runs in [
        ("macro F1, from scores", lambda: tm.multilabel_f1_score(scores, targets, l), 5),
        ("average precision", lambda: tm.multilabel_average_precision(scores, targets, l), 3),
        ("AUROC", lambda: tm.multilabel_auroc(scores, targets, l), 3),
        ("coverage error", lambda: tm.multilabel_coverage_error(scores, targets, l), 3),
        ("ranking loss", lambda: tm.multilabel_ranking_loss(scores, targets, l), 3),
        ("LRAP", lambda: tm.multilabel_ranking_average_precision(scores, targets, l), 2),
    ]:
        print(f"{name:45s} {best_of(f, runs):9.2f}", flush=True)


if __name__ == "__main__":
    main()
