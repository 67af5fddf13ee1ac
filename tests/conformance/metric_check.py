#!/usr/bin/env python3
"""Compares all metrics with scikit-learn, torchmetrics and their definitions.

    metric_check.py draw CASES [COUNT] [SEED]        draws random cases for metric_sample
    metric_check.py compare CASES ANSWERS PEER …     compares what metric_sample has answered; the exit status says

Peers: by_hand, scikit_learn, torchmetrics. Names of answers, and the order of their numbers: metric_answers.hpp.
"""
import collections
import importlib
import sys

import numpy as np

import metric_cases


def same(got, expected, tolerance):
    if np.isnan(expected) or np.isinf(expected):
        return np.isnan(got) == np.isnan(expected) and (np.isnan(got) or got == expected)
    return abs(got - expected) <= tolerance * max(1, abs(expected))


def faults(got, expected, tolerance):
    """What differs, as texts. `expected`: numbers, None for one that is not compared; or the points of a curve by
    threshold, each of which must be there."""
    if isinstance(expected, dict):
        points = {row[0]: row[1:] for row in np.reshape(got, (-1, 3))}
        return [f"at {at}: {points.get(at)}, not {values}" for at, values in expected.items()
                if at not in points or not all(same(a, b, tolerance) for a, b in zip(points[at], values))]
    if len(expected) == 1 and expected[0] is None:
        return []
    if len(got) != len(expected):
        return [f"{len(got)} numbers, not {len(expected)}"]
    return [f"[{k}] = {a}, not {b}" for k, (a, b) in enumerate(zip(got, expected))
            if b is not None and not same(a, float(b), tolerance)]


def compare(cases, answers, peers):
    status, compared, names = 0, collections.Counter(), set()
    asked = [importlib.import_module("metric_" + name) for name in peers]
    answered = collections.defaultdict(set)
    pairs = zip(metric_cases.read_cases(cases), metric_cases.read_answers(answers), strict=True)
    for number, (case, ours) in enumerate(pairs):
        names |= ours.keys()
        for peer in asked:
            for name, expected in peer.answers(case).items():
                wrong = faults(ours[name], expected, getattr(peer, "TOLERANCE", 1e-9))
                compared[peer.NAME] += sum(x is not None for x in expected)
                answered[peer.NAME].add(name)
                if wrong:
                    status = 1
                    print(f"case {number} ({case.rows} x {case.labels}{', logits' * case.logits}"
                          f"{', weights' * (case.weights is not None)}{', mask' * (case.mask is not None)}): "
                          f"{name} differs from {peer.NAME}: {'; '.join(wrong[:3])}")
    for peer in asked:
        print(f"metrics: {compared[peer.NAME]} numbers of {len(answered[peer.NAME])} kinds compared with {peer.NAME}")
        for name, known in peer.DIFFERENCES.all.items():
            if known["still_there"]():
                times = f" ({known['met']} values)" if known["met"] else ""
                print(f"  differs as expected: {name}{times}. {known['sentence']}")
            else:
                print(f"  {name}: no longer so, take it off the list")
                status = 1
    for name in sorted(names - set().union(*answered.values())) if "by_hand" in peers else ():
        print(f"metrics: no peer says anything of {name}")
        status = 1
    return status


def main():
    command, *rest = sys.argv[1:]
    if command == "draw":
        rng = np.random.default_rng(int(rest[2]) if len(rest) > 2 else 1)
        count = int(rest[1]) if len(rest) > 1 else 2000
        metric_cases.write_cases(rest[0], [metric_cases.draw(rng) for _ in range(count)])
        return 0
    return compare(*rest[:2], rest[2:])


if __name__ == "__main__":
    sys.exit(main())
