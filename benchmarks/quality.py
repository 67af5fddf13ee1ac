#!/usr/bin/env python3
"""Compares decision strategies on real tables: tuned on the validation rows only, measured on the test rows.

    python3 benchmarks/quality.py --program build/examples/trainer/softf1 --data DATA --out runs/quality \\
        [--posters WEIGHTS] [--seeds 3] [--strategies best+shrunk scutfbr1:fbr=0.2] [--report benchmarks/quality.md]

DATA/mulan has a folder a table: NAME.xml, NAME-train.arff, NAME-test.arff. DATA/posters has posters.csv and images,
whose features come from the network whose weights are WEIGHTS. A linear head is trained with bce; its L2 is the one of
three with the least loss on the validation rows. What a seed changes is which rows of the official training part are for
validation (of the posters: for test too). All strategies that `softf1 calibrate --help` lists are compared with their
default options; --strategies adds others, and CALIBRATOR/STRATEGY for those of calibrated scores. Heads stay in OUT and
are not trained again. Needs numpy.
"""
import argparse
import concurrent.futures
import csv
import json
import os
import re
import subprocess
import sys

import numpy as np

HEAD = ["--hidden", "0", "--loss", "bce", "--no-checkpoints", "--quiet", "--overwrite"]
L2 = ("0.005", "0.001", "0.0002")
POSTERS = ["--min-label-count", "20"]
FEW = 20  # validation positives
FIGURES = ("macro", "micro", "samples")


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"status {done.returncode}")
    return done.stdout


def strategies_of(program):
    listed = re.search(r"^Strategies: (.*)$", run(program, "calibrate", "--help"), re.M)[1]
    return [name.split(":")[0] for name in listed.split(", ")]


def joined_table(folder, name, out):
    """The ARFF of both official parts, and the number of rows of the first."""
    def rows(part):
        with open(os.path.join(folder, f"{name}-{part}.arff"), encoding="utf-8") as f:
            header, data = re.split(r"^@data.*\n", f.read(), maxsplit=1, flags=re.M | re.I)
        return header, [line for line in data.splitlines() if line.strip() and not line.startswith("%")]

    (header, train), (_, test) = rows("train"), rows("test")
    path = os.path.join(out, name + ".arff")
    with open(path, "w", encoding="utf-8") as f:
        f.write(header + "@data\n" + "\n".join(train + test) + "\n")
    return path, len(train), len(test)


def train(o, seed, folder, *source):
    """Leaves predictions.csv in the folder, of the L2 with the least validation loss."""
    losses = {}
    for l2 in L2:
        out = os.path.join(folder, l2)
        run(o.program, "train", *source, *HEAD, "--optimizer", f"lbfgs:l2={l2}", "--seed", seed, "--threads", "1",
            "--out", out)
        with open(os.path.join(out, "history.json")) as f:
            losses[l2] = json.load(f)[-1]["loss"]
    os.replace(os.path.join(folder, min(losses, key=losses.get), "predictions.csv"),
               os.path.join(folder, "predictions.csv"))


def train_on_table(o, name, seed, folder):
    source = os.path.join(o.data, "mulan", name)
    labels = ["--arff-labels", os.path.join(source, name + ".xml")]
    # The program divides the official training part, in a run that is only for this.
    run(o.program, "train", "--arff", os.path.join(source, name + "-train.arff"), *labels, *HEAD, "--epochs", "1",
        "--seed", seed, "--split", "0.7,0.3,0", "--out", os.path.join(folder, "split"))
    with open(os.path.join(folder, "split", "split.csv")) as f:
        split = f.read()
    table, before, more = joined_table(source, name, folder)
    file = os.path.join(folder, "split.csv")
    with open(file, "w") as f:
        f.write(split + "".join(f"{i},test\n" for i in range(before, before + more)))
    train(o, seed, folder, "--arff", table, *labels, "--split-file", file)


def train_on_posters(o, seed, folder):
    source = os.path.join(o.data, "posters")
    train(o, seed, folder, "--csv", os.path.join(source, "posters.csv"), "--images", os.path.join(source, "images"),
          "--weights", o.posters, "--feature-cache", os.path.join(o.out, "features"), *POSTERS)


def parts_of(folder):
    """Logits and targets of validation and test, as files; the positives of validation."""
    with open(os.path.join(folder, "predictions.csv"), encoding="utf-8", newline="") as f:
        header, *rows = csv.reader(f)
    names = header[3:]
    files, positives = {}, None
    for part in ("validation", "test"):
        of_part = [r for r in rows if r[1] == part]
        truth = np.array([[name in r[2].split("|") for name in names] for r in of_part], np.uint8)
        files[part] = [os.path.join(folder, f"{part}_{what}.npy") for what in ("logits", "targets")]
        np.save(files[part][0], np.array([r[3:] for r in of_part], np.float32))
        np.save(files[part][1], truth)
        positives = truth.sum(0) if positives is None else positives
    return files, positives


def compare(o, names, dataset, seed):
    """{strategy: figures} of one dataset and seed."""
    folder = os.path.join(o.out, f"{dataset}_{seed}")
    if not os.path.exists(os.path.join(folder, "predictions.csv")):
        os.makedirs(folder, exist_ok=True)
        train_on_posters(o, seed, folder) if dataset == "posters" else train_on_table(o, dataset, seed, folder)
    files, positives = parts_of(folder)
    few = (positives > 0) & (positives < FEW)

    def given(part):
        return ["--logits", "--scores", files[part][0], "--targets", files[part][1], "--threads", "1", "--quiet"]

    def measured(strategy, tuned_on):
        calibrator, _, search = strategy.rpartition("/")
        choice = ["--strategy", search] + (["--calibrator", calibrator] if calibrator else [])
        rule, report = os.path.join(folder, "rule.json"), os.path.join(folder, "report.json")
        run(o.program, "calibrate", *given(tuned_on), *choice, "--resamples", "0", "--out", rule)
        figures = {}
        for part in ("validation", "test"):
            run(o.program, "evaluate", *given(part), "--thresholds", rule, "--json", report)
            with open(report) as f:
                read = json.load(f)
            figures[part] = {name: read[name]["f1"] for name in FIGURES}
            of_labels = np.array([label["f1"] or 0 for label in read["per_label"]], float)
            figures[part]["few"] = of_labels[few].mean() if few.any() else None
        return figures

    results = {"oracle": measured("best", "test")}
    for strategy in names:
        try:
            results[strategy] = measured(strategy, "validation")
        except RuntimeError as e:
            print(f"{dataset}, seed {seed}, {strategy}: {e}", file=sys.stderr)
    print(f"{dataset}, seed {seed}: done", file=sys.stderr, flush=True)
    rows = [np.load(files[part][1], mmap_mode="r").shape for part in ("validation", "test")]
    return {"results": results, "rows": [r[0] for r in rows], "labels": rows[0][1], "few": int(few.sum()),
            "none": int((positives == 0).sum())}


def ranks(values):
    """Of each column's values, the greatest first; equals share the mean of their ranks."""
    greater = (values[None, :, :] > values[:, None, :]).sum(1)
    return 1 + greater + ((values[None, :, :] == values[:, None, :]).sum(1) - 1) / 2


class Comparison:
    """figure(name, part): of each strategy (rows) and dataset (columns), the mean over seeds."""

    def __init__(self, runs, datasets, seeds, names):
        self.runs, self.datasets, self.seeds = runs, datasets, seeds
        self.names = [n for n in names if all(n in runs[key]["results"] for key in runs)]
        self.missing = [n for n in names if n not in self.names]

    def each(self, name, part="test", datasets=None, names=None):
        """(strategies, datasets, seeds)"""
        return np.array([[[self.runs[d, s]["results"][n][part][name] for s in self.seeds]
                          for d in datasets or self.datasets] for n in names or self.names], float)

    def figure(self, name, part="test", names=None):
        return self.each(name, part, names=names).mean(2)

    def with_few(self):
        return [d for d in self.datasets if all(self.runs[d, s]["few"] > 0 for s in self.seeds)]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(r) + " |" for r in rows]) + "\n"


def thousandths(x, sign=True):
    return f"{x:+.3f}" if sign else f"{x:.3f}"


def report(c):
    macro, oracle = c.figure("macro"), c.figure("macro", names=["oracle"])[0]
    rank = ranks(c.each("macro").reshape(len(c.names), -1)).mean(1)
    order = np.argsort(rank, kind="stable")
    fixed = c.names.index("fixed")
    first = order[0]
    optimism = (c.figure("macro", "validation") - macro).mean(1)
    runs = c.each("macro").reshape(len(c.names), -1)

    text = "Test macro F1, mean over seeds\n\n"
    text += table(["strategy", "mean rank", "mean", *c.datasets],
                  [[f"`{c.names[k]}`", f"{rank[k]:.1f}", thousandths(macro[k].mean(), False),
                    *(thousandths(x, False) for x in macro[k])] for k in order] +
                  [["oracle (tuned on test)", "", thousandths(oracle.mean(), False),
                    *(thousandths(x, False) for x in oracle)]])

    text += "\nDifferences of test macro F1, and other figures\n\n"
    rows = []
    for k in order:
        behind = macro[k] - macro[first]
        error = behind.std(ddof=1) / np.sqrt(len(behind)) if len(behind) > 1 else 0
        rows.append([f"`{c.names[k]}`", thousandths((macro[k] - macro[fixed]).mean()),
                     thousandths((macro[k] - macro.max(0)).mean()),
                     "" if k == first else f"{behind.mean():+.3f} ± {error:.3f}",
                     "" if k == first else f"{(runs[k] < runs[first]).sum()} / {(runs[k] > runs[first]).sum()}",
                     thousandths(optimism[k]), thousandths(c.figure("micro")[k].mean(), False),
                     thousandths(c.figure("samples")[k].mean(), False)])
    text += table(["strategy", "from 0.5", "from each table's best", "from the first ± s.e.", "runs behind / ahead",
                   "validation − test", "micro F1", "samples F1"], rows)

    few = c.with_few()
    if few:
        each = c.each("few", datasets=few)
        rank = ranks(each.reshape(len(c.names), -1)).mean(1)
        optimism = (c.each("few", "validation", few) - each).mean((1, 2))
        text += f"\nLabels with 1 to {FEW - 1} positives in validation: test macro F1 of them alone\n\n"
        text += table(["strategy", "mean rank", "mean", "from 0.5", "validation − test", *few],
                      [[f"`{c.names[k]}`", f"{rank[k]:.1f}", thousandths(each[k].mean(), False),
                        thousandths((each[k] - each[fixed]).mean()), thousandths(optimism[k]),
                        *(thousandths(x, False) for x in each[k].mean(1))]
                       for k in np.argsort(rank, kind="stable")])
    return text


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("program", "data", "out"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--tables", nargs="*", help="names of folders of DATA/mulan; without it, all")
    p.add_argument("--posters", metavar="WEIGHTS", help="the posters too, with these weights")
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--strategies", nargs="*", default=[], help="more of them, with options")
    p.add_argument("--jobs", type=int, default=2, help="runs at once")
    p.add_argument("--report", help="the file that gets the tables, behind its line <!-- tables -->")
    o = p.parse_args()
    os.makedirs(o.out, exist_ok=True)

    mulan = os.path.join(o.data, "mulan")
    datasets = o.tables if o.tables is not None else sorted(
        d for d in os.listdir(mulan) if os.path.isdir(os.path.join(mulan, d)))
    if o.posters:
        datasets = [*datasets, "posters"]
    names = strategies_of(o.program) + o.strategies
    keys = [(d, s) for d in datasets for s in range(o.seeds)]
    if o.posters:
        compare(o, [], "posters", 0)  # extracts the features, which the others take
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        runs = dict(zip(keys, pool.map(lambda key: compare(o, names, *key), keys)))
    with open(os.path.join(o.out, "results.json"), "w") as f:
        json.dump([{"dataset": d, "seed": s, **runs[d, s]} for d, s in keys], f, indent=1)

    c = Comparison(runs, datasets, range(o.seeds), names)
    sizes = table(["", "labels", "rows: validation", "test", f"labels with 1 to {FEW - 1} positives in validation",
                   "with none"],
                  [[d, *(str(x) for x in (one["labels"], *one["rows"], one["few"], one["none"]))]
                   for d, one in ((d, runs[d, 0]) for d in datasets)])
    text = sizes + "\n" + report(c)
    if c.missing:
        text += f"\nWithout a result on every table: {', '.join(c.missing)}\n"
    print(text)
    if o.report:
        with open(o.report, encoding="utf-8") as f:
            above = f.read().split("<!-- tables -->")[0]
        with open(o.report, "w", encoding="utf-8") as f:
            f.write(above + "<!-- tables -->\n\n" + text)


if __name__ == "__main__":
    main()
