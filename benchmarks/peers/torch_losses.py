#!/usr/bin/env python3
"""Value and gradient of losses in PyTorch, eager and compiled, at the shapes of bench_losses; milliseconds.

    OMP_NUM_THREADS=2 python3 benchmarks/peers/torch_losses.py [--shapes 256x18 65536x80 8192x4096] [--repetitions 5]

Needs torch (tests/conformance/requirements-torch.txt) and, to compile, a C++ compiler. Prints the least of the repetitions.
Run it in turn with bench_losses on an idle machine, and compare within one pair of runs.
"""
import argparse
import os
import time

import torch
from torch.nn import functional as F


def soft_f1(z, y):
    p = torch.sigmoid(z)
    tp = (p * y).sum(0)
    return (1 - 2 * tp / (p.sum(0) + y.sum(0))).mean()


def bce(z, y):
    return F.binary_cross_entropy_with_logits(z, y)


def focal(z, y, alpha=0.25, gamma=2):
    p = torch.sigmoid(z)
    right = p * y + (1 - p) * (1 - y)
    weight = alpha * y + (1 - alpha) * (1 - y)
    return (weight * (1 - right) ** gamma * F.binary_cross_entropy_with_logits(z, y, reduction="none")).mean()


def asymmetric(z, y, gamma_negative=4, gamma_positive=1, margin=0.05):
    p = torch.sigmoid(z)
    no = (1 - p + margin).clamp(max=1)
    loss = y * p.clamp(min=1e-8).log() + (1 - y) * no.clamp(min=1e-8).log()
    right = p * y + no * (1 - y)
    return -(loss * (1 - right) ** (gamma_positive * y + gamma_negative * (1 - y))).mean()


def softmax_cross_entropy(z, y):
    return F.cross_entropy(z, y)


def zlpr(z, y):
    far = torch.finfo(z.dtype).max
    zero = torch.zeros_like(z[:, :1])
    yes = torch.where(y > 0, -z, -far)
    no = torch.where(y > 0, -far, z)
    return (torch.logsumexp(torch.cat([zero, yes], 1), 1) + torch.logsumexp(torch.cat([zero, no], 1), 1)).mean()


def pairwise_logistic(z, y):
    gap = z[:, :, None] - z[:, None, :]
    pair = y[:, :, None] * (1 - y[:, None, :])
    pairs = pair.sum((1, 2))
    means = (pair * F.softplus(-gap)).sum((1, 2)) / pairs.clamp(min=1)
    return means.sum() / (pairs > 0).sum()


LOSSES = [soft_f1, bce, focal, asymmetric, softmax_cross_entropy, zlpr, pairwise_logistic]


def data(rows, labels):
    random = torch.Generator().manual_seed(1)
    y = (torch.rand(rows, labels, generator=random) < 0.03).float()
    z = 8 * torch.rand(rows, labels, generator=random) - 6 + 2 * y
    return z.requires_grad_(), y


def least_time(loss, z, y, repetitions):
    def step():
        z.grad = None
        loss(z, y).backward()

    step()
    step()
    started = time.perf_counter()
    step()
    once = time.perf_counter() - started
    calls = max(1, int(0.2 / once))
    best = float("inf")
    for _ in range(repetitions):
        started = time.perf_counter()
        for _ in range(calls):
            step()
        best = min(best, (time.perf_counter() - started) / calls)
    return 1000 * best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", default=["256x18", "65536x80", "8192x4096"])
    parser.add_argument("--losses", nargs="+")
    parser.add_argument("--repetitions", type=int, default=5)
    o = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"{'loss':24}{'shape':>12}{'eager':>12}{'compiled':>12}")
    for shape in o.shapes:
        rows, labels = map(int, shape.split("x"))
        z, y = data(rows, labels)
        for loss in LOSSES:
            if o.losses and loss.__name__ not in o.losses:
                continue
            if loss is pairwise_logistic and rows * labels * labels > 2**27:
                continue
            torch._dynamo.reset()
            eager = least_time(loss, z, y, o.repetitions)
            compiled = least_time(torch.compile(loss), z, y, o.repetitions)
            print(f"{loss.__name__:24}{shape:>12}{eager:12.3f}{compiled:12.3f}", flush=True)


if __name__ == "__main__":
    main()
