#!/usr/bin/env python3
"""The cases of layers.cpp in PyTorch on the CPU, in images a second: the faster of its two memory formats.

    OMP_NUM_THREADS=2 python3 benchmarks/layers_torch.py [part of a name]
"""
import os
import sys
import time

import torch
from torch import nn

THREADS = int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads()))


def same(size, stride):
    """TensorFlow's padding = "SAME" on sides that the stride divides, as (left, right, top, bottom)."""
    zeros = max(size - stride, 0)
    return (zeros // 2, zeros - zeros // 2) * 2


def convolution(inputs, outputs, size, stride=1, bias=False):
    zeros = same(size, stride)
    if zeros[0] == zeros[1]:
        return nn.Conv2d(inputs, outputs, size, stride, zeros[0], bias=bias)
    return nn.Sequential(nn.ZeroPad2d(zeros), nn.Conv2d(inputs, outputs, size, stride, bias=bias))


class InvertedResidual(nn.Module):
    def __init__(self, channels, wide):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.block = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(inplace=True),
            nn.Conv2d(wide, wide, 3, padding=1, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(inplace=True),
            nn.Conv2d(wide, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        x = self.norm(x)
        return x + self.block(x)


def convnet(labels, width=16, depth=4):
    layers, channels = [], 3
    for k in range(depth):
        layers += [nn.Conv2d(channels, width << k, 3, padding=1, bias=False), nn.BatchNorm2d(width << k),
                   nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        channels = width << k
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, labels))


def head():
    return nn.Sequential(nn.Conv2d(2048, 18, 1), nn.ReLU(inplace=True), nn.Conv2d(18, 18, 1), nn.ReLU(inplace=True),
                         nn.Conv2d(18, 18, 7))


# name: the network, the shape of its input, whether the gradient of the input is asked for, whether it is a whole step
CASES = {
    "head": (head, (32, 2048, 7, 7), False, False),
    "inverted_residual": (lambda: InvertedResidual(24, 144), (16, 24, 56, 56), False, False),
    "convolution_3x3/1": (lambda: convolution(64, 64, 3, 1, True), (16, 64, 56, 56), True, False),
    "convolution_3x3/2": (lambda: convolution(64, 64, 3, 2, True), (16, 64, 56, 56), True, False),
    "convnet": (lambda: convnet(18), (32, 3, 64, 64), False, True),
}


def step_of(case, memory_format):
    make, shape, by_input, whole = case
    torch.manual_seed(1)
    net = make().to(memory_format=memory_format).train()
    x = torch.rand(shape).to(memory_format=memory_format).requires_grad_(by_input)
    y = net(x)
    slopes, targets = torch.rand_like(y), torch.ones_like(y)
    loss = nn.BCEWithLogitsLoss()
    rule = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)

    def step():
        rule.zero_grad(set_to_none=True)
        x.grad = None
        y = net(x)
        if whole:
            loss(y, targets).backward()
            rule.step()
        else:
            y.backward(slopes)

    return step


def seconds_of(step, least=1.0):
    """The least of repetitions."""
    for _ in range(3):
        step()
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < least:
        at = time.perf_counter()
        step()
        times.append(time.perf_counter() - at)
    return min(times)


def main():
    torch.set_num_threads(THREADS)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, case in CASES.items():
        if wanted in name:
            best = min(seconds_of(step_of(case, f)) for f in (torch.contiguous_format, torch.channels_last))
            print(f"{name:24} {1e3 * best:10.2f} ms {case[1][0] / best:10.0f} images/s, {THREADS} threads")


if __name__ == "__main__":
    main()
