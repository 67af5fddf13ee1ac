#!/usr/bin/env python3
"""Small cases with what scikit-learn says of all metrics, and their definitions where it says nothing.

    metric_expectations.py FILE    writes the JSON of tests/conformance/metric_expectations.json

NaN is null; "inf"; "?" where none defines the value. Names, and the order of numbers: metric_answers.hpp.
"""
import json
import sys

import numpy as np

import metric_by_hand
import metric_cases
import metric_scikit_learn

AVERAGES = {"average." + name for name in (*metric_scikit_learn.SCORES, "average_precision", "roc_auc", "mcc",
                                           "positive_likelihood_ratio")}


def listed(a):
    return [int(x) if x == int(x) else float(x) for x in np.ravel(a).tolist()]


def number(x):
    if x is None:
        return "?"
    if np.isnan(x) or np.isinf(x):
        return None if np.isnan(x) else ("inf" if x > 0 else "-inf")
    x = float(f"{float(x):.12g}")
    return int(x) if x == int(x) else x


def values(case):
    peer = metric_scikit_learn.answers(case)
    for name, numbers in metric_by_hand.answers(case).items():
        theirs = peer.get(name)
        if theirs is None or isinstance(theirs, dict) or (len(theirs) == 1 and theirs[0] is None):
            theirs = [None] * len(numbers)
        yield name, [number(b if a is None else a) for a, b in zip(theirs, numbers)]


def kept(name, case, turn):
    """The file stays small: nothing that the same code makes of other numbers, and each name in two cases of three."""
    start, _, end = name.partition(".")
    if start == "average":
        return turn % 3 and name in AVERAGES
    return turn % 3 and end not in ("4", "15", "f_beta", "tversky", "hamming") and (
        end != "pooled" or case.scores.size <= 15)


def main():
    rng = np.random.default_rng(7)
    cases = []
    for at in range(47):
        case = metric_cases.draw(rng, most_rows=12, most_labels=5)
        extra = {"weights": case.weights, "mask": case.mask, "thresholds": case.thresholds}
        cases.append({"shape": [case.rows, case.labels], "logits": case.logits, "scores": listed(case.scores),
                      "targets": listed(case.targets)}
                     | {name: listed(x) for name, x in extra.items() if x is not None}
                     | {"expected": {name: v for turn, (name, v) in enumerate(values(case), at)
                                     if kept(name, case, turn)}})
    with open(sys.argv[1], "w") as f:
        json.dump({"made_with": metric_scikit_learn.NAME, "cases": cases}, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
