#!/usr/bin/env python3
"""Compares losses on real tables: trained on the official training part, measured on the official test part.

    python3 benchmarks/loss_quality.py --program build/examples/trainer/softf1 --data DATA --out runs/losses \\
        [--tables yeast scene emotions birds] [--seeds 5] [--hidden 0 64] [--losses bce soft_f1 ...] [--report FILE.md]

DATA/mulan has a folder a table: NAME.xml, NAME-train.arff, NAME-test.arff. Each loss trains on all rows at once: a linear
head (--hidden 0) by L-BFGS with an L2 penalty of 0.0005, 0.005 or 0.05, and one with a hidden layer by AdamW at a rate of
0.003, 0.01 or 0.03, at most 300 steps, stopped by its own validation loss. The setting with the best validation macro F1,
tuned, of the first seed is that of all seeds; a seed changes the fifth of the training rows that is for validation, and the
first weights. Figures are those of the test part: macro F1 with thresholds tuned on the validation rows, at 0.5, micro F1
tuned, mAP; the mean of the seeds. Runs stay in OUT and are not repeated. Beside them stands
DATA/mulan/baseline_logistic_regression.json, of all training rows.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys

PENALTIES = [["--optimizer", f"lbfgs:l2={l2}"] for l2 in ("0.0005", "0.005", "0.05")]
RATES = [["--learning-rate", rate] for rate in ("0.003", "0.01", "0.03")]
LEFT_OUT = {"softmax_cross_entropy", "label_correlation"}  # one label a row; no loss by itself


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"status {done.returncode}")
    return done.stdout


def losses_of(program):
    refused = subprocess.run([program, "train", "--loss", "no_such_loss"], capture_output=True, text=True).stderr
    listed = re.search(r"there are ([a-z0-9_, ]*)", refused)[1].strip()
    return [name for name in listed.split(", ") if name not in LEFT_OUT]


def folder_of(o, table, loss, hidden, seed):
    return os.path.join(o.out, f"{table}_{re.sub('[^a-z0-9_.=-]', '_', loss)}_{hidden}_{seed}")


def train(o, table, loss, hidden, seed, setting):
    """The folder of a run, and its best validation macro F1, tuned."""
    source = os.path.join(o.data, "mulan", table)
    out = os.path.join(folder_of(o, table, loss, hidden, seed), setting[1])
    run(o.program, "train", "--arff", os.path.join(source, table + "-train.arff"), "--arff-labels",
        os.path.join(source, table + ".xml"), "--hidden", hidden, "--dropout", "0", "--loss", loss, "--loss-scope",
        "epoch", *setting, "--epochs", "300", "--patience", "30", "--split", "0.8,0.2,0", "--seed", seed,
        "--threads", "1", "--no-checkpoints", "--quiet", "--overwrite", "--out", out)
    with open(os.path.join(out, "history.json")) as f:
        history = json.load(f)
    best = min(history, key=lambda e: e["loss"] if e["loss"] is not None else 1e300)
    return out, best["tuned_macro_f1"]


def figures_on_test(o, table, model):
    source = os.path.join(o.data, "mulan", table)
    test = ["evaluate", "--model", os.path.join(model, "model.safetensors"), "--arff",
            os.path.join(source, table + "-test.arff"), "--arff-labels", os.path.join(source, table + ".xml"), "--threads",
            "1", "--quiet", "--json", "-"]
    tuned, half = json.loads(run(o.program, *test)), json.loads(run(o.program, *test, "--threshold", "0.5"))
    return {"macro": tuned["macro"]["f1"], "at_half": half["macro"]["f1"], "micro": tuned["micro"]["f1"],
            "map": tuned["macro"]["average_precision"]}


def figures_of(o, table, loss, hidden):
    """The figures of each seed."""
    kept = os.path.join(folder_of(o, table, loss, hidden, "all"), f"figures_{o.seeds}.json")
    if os.path.exists(kept):
        with open(kept) as f:
            return json.load(f)
    settings = PENALTIES if hidden == 0 else RATES
    tried = [train(o, table, loss, hidden, 0, setting) for setting in settings]
    best = max(range(len(settings)), key=lambda k: tried[k][1])
    others = [train(o, table, loss, hidden, seed, settings[best]) for seed in range(1, o.seeds)]
    models = [tried[best][0]] + [model for model, _ in others]
    found = [figures_on_test(o, table, model) for model in models]
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    with open(kept, "w") as f:
        json.dump(found, f)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--tables", nargs="+", default=["yeast", "scene", "emotions", "birds"])
    parser.add_argument("--losses", nargs="+")
    parser.add_argument("--hidden", nargs="+", type=int, default=[0, 64])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--report")
    o = parser.parse_args()
    os.makedirs(o.out, exist_ok=True)
    losses = o.losses or losses_of(o.program)
    with open(os.path.join(o.data, "mulan", "baseline_logistic_regression.json")) as f:
        baseline = json.load(f)["results"]
    cells = [(t, l, h) for t in o.tables for l in losses for h in o.hidden]
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        found = dict(zip(cells, pool.map(lambda c: figures_of(o, *c), cells)))

    lines = []
    for hidden in o.hidden:
        lines += ["", f"{'Linear head' if hidden == 0 else f'Hidden layer of {hidden}'}: macro F1 tuned (at 0.5) · micro F1 "
                  "tuned · mAP.", "", "| loss | " + " | ".join(o.tables) + " | mean macro F1 |",
                  "|---|" + "---|" * len(o.tables) + "---|"]
        table_lines = []
        for loss in losses:
            texts, macros = [], []
            for table in o.tables:
                seeds = found[table, loss, hidden]
                mean = {k: sum(x[k] for x in seeds) / len(seeds) for k in seeds[0]}
                macros.append(mean["macro"])
                texts.append(f"{mean['macro']:.3f} ({mean['at_half']:.3f}) · {mean['micro']:.3f} · {mean['map']:.3f}")
            table_lines.append((sum(macros) / len(macros), f"| {loss} | " + " | ".join(texts)))
        lines += [f"{text} | {mean:.3f} |" for mean, text in sorted(table_lines, reverse=True)]
        lines.append("| *logistic regression, scikit-learn, at 0.5* | " + " | ".join(
            f"({baseline[t]['macro_f1']:.3f}) · {baseline[t]['micro_f1']:.3f} · {baseline[t]['mAP_labels_with_pos']:.3f}"
            for t in o.tables) + " | |")
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if o.report:
        with open(o.report, "w") as f:
            f.write(text)


if __name__ == "__main__":
    main()
