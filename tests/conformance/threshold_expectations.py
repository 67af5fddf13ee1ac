#!/usr/bin/env python3
"""Small cases, and real test sets where they are, with what scikit-learn and the definitions say of strategies.

    threshold_expectations.py FILE    writes the JSON of tests/conformance/threshold_expectations.json

Where both answer they must agree. The real sets (golden_metrics in $SOFTF1_DATA) are not written, just the answers;
where they are missing the committed ones stay.
"""
import json
import os
import sys

import numpy as np

import metric_cases
import threshold_by_hand
import threshold_scikit_learn
from metric_expectations import listed, number

COMMITTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "threshold_expectations.json")
SETS = ("birds", "emotions", "scene", "yeast")


def same(a, b):
    return a is None or b is None or np.allclose(a, b, rtol=1e-9, atol=1e-9)


def expected(case):
    hand, peer = threshold_by_hand.answers(case), threshold_scikit_learn.answers(case)
    for name, answer in peer.items():
        for j, (a, b) in enumerate(zip(hand[name]["accepts"], answer["accepts"])):
            if not same(a, b):
                sys.exit(f"{name}, label {j} of {case}: {threshold_scikit_learn.NAME} accepts {b}, not {a}")
    for j, reached in threshold_scikit_learn.best_scores(case):
        accepts = hand["best"]["accepts"][j]
        if accepts and not same(reached, threshold_by_hand.f_beta(*accepts, case.label(j)[0].sum())):
            sys.exit(f"label {j} of {case}: TunedThresholdClassifierCV reaches {reached}")
    if case.mask is None:
        rows = [None if k is None else "".join(map(str, threshold_by_hand.top(s, k)))
                for s, k in zip(case.scores, threshold_scikit_learn.sizes(case))]
        hand["metalabeler"] = {"rows": rows}
    return hand


def written(answers):
    def one(kind, values):
        if kind == "rows":
            return values
        if kind == "probabilities":
            return [None if x is None else number(x) for x in values]
        return [x and [number(n) for n in x] for x in values]
    return {name: {kind: one(kind, values)} for name, answer in answers.items() for kind, values in answer.items()}


def small_cases():
    rng = np.random.default_rng(11)
    for _ in range(48):
        case = metric_cases.draw(rng, most_rows=12, most_labels=5)
        extra = {"weights": case.weights, "mask": case.mask}
        yield ({"shape": [case.rows, case.labels], "logits": case.logits, "scores": listed(case.scores),
                "targets": listed(case.targets)} | {name: listed(x) for name, x in extra.items() if x is not None}
               | {"expected": written(expected(case))})


def real_sets():
    folder = os.path.join(os.environ.get("SOFTF1_DATA", ""), "golden_metrics")
    if not os.path.isdir(folder):
        with open(COMMITTED) as f:
            return json.load(f)["golden"]
    found = {}
    for name in SETS:
        scores, targets = (np.load(os.path.join(folder, f"{name}_y_{what}.npy")) for what in ("prob_f32", "true_u8"))
        answers = written(expected(metric_cases.Case(scores.astype(float), targets.astype(int))))
        found[name] = {n: a for n, a in answers.items() if "rows" not in a}
    return found


def main():
    cases = list(small_cases())
    with open(sys.argv[1], "w") as f:
        json.dump({"made_with": threshold_scikit_learn.NAME, "cases": cases, "golden": real_sets()}, f,
                  separators=(",", ":"))
        f.write("\n")
    for name, difference in threshold_scikit_learn.DIFFERENCES.all.items():
        if not difference["still_there"]():
            sys.exit(f"{name}: no longer so, take it off the list")


if __name__ == "__main__":
    main()
