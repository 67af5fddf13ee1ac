#!/usr/bin/env python3
"""Trains a head (features -> hidden, ReLU, dropout -> labels) in PyTorch: the peer of softf1's trainer, on its files.

    pip install torch numpy scikit-learn safetensors
    python3 benchmarks/peers/pytorch_head.py --features features.safetensors --targets-csv posters.csv \\
        --split split.csv --min-label-count 120 --loss soft_f1 --seeds 3

Files: the features are a safetensors file with `features` (N, D) float32, `id_bytes` (the ids as UTF-8, end to end) and
`id_offsets` (N + 1); targets a CSV with an id column and columns of 0 and 1; the split a CSV `id,part` with the parts
train, validation and test. Prints a JSON line a seed, then a row of a Markdown table, mean ± standard deviation over
the seeds (of the sample). --search trains every learning rate of the grid and keeps the one that is best on validation.

Decisions are score >= threshold. The tuned thresholds maximise each label's F1 on the validation part (exact, midpoints
between distinct scores, the highest among equals) and are applied to the test part. Every score is of a whole part,
never a mean over batches; the soft F1 losses count over the batch in training and over the whole part in validation.
"""
import argparse
import csv
import json
import sys
import time

import numpy as np
import sklearn.metrics as sk
import torch
from safetensors.numpy import load_file

GRID = (1e-5, 3e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3)
COLUMNS = ("macro_f1_half", "macro_f1_tuned", "micro_f1_half", "micro_f1_tuned", "mAP", "macro_f1_all_positive")


# Losses: mean over cells or labels, of logits z and targets y.
def bce(z, y):
    return torch.nn.functional.binary_cross_entropy_with_logits(z, y)


def f1(tp, fp, fn):
    return 2 * tp / (2 * tp + fp + fn).clamp_min(1e-12)


def soft_counts(z, y):
    p = torch.sigmoid(z)
    return (p * y).sum(0), (p * (1 - y)).sum(0), ((1 - p) * y).sum(0), ((1 - p) * (1 - y)).sum(0)


def soft_f1(z, y):
    tp, fp, fn, _ = soft_counts(z, y)
    return (1 - f1(tp, fp, fn)).mean()


def double_soft_f1(z, y):
    tp, fp, fn, tn = soft_counts(z, y)
    return (1 - (f1(tp, fp, fn) + f1(tn, fn, fp)) / 2).mean()


LOSSES = {"bce": bce, "soft_f1": soft_f1, "double_soft_f1": double_soft_f1}


# Files.
def read_features(path):
    tensors = load_file(path)
    text, offsets = tensors["id_bytes"].tobytes(), tensors["id_offsets"]
    ids = [text[a:b].decode() for a, b in zip(offsets[:-1], offsets[1:])]
    return ids, tensors["features"].astype(np.float32, copy=False)


def read_targets(path, id_column, labels, min_label_count):
    """The labels' names, and id -> row of 0 and 1. Without names: the 0/1 columns with enough positives."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    if not rows or id_column not in rows[0]:
        sys.exit(f"pytorch_head: {path}: no column '{id_column}'")
    if labels:
        missing = [name for name in labels if name not in rows[0]]
        if missing:
            sys.exit(f"pytorch_head: {path}: no column '{missing[0]}'")
    else:
        binary = [name for name in rows[0] if all(row[name] in ("0", "1") for row in rows)]
        labels = [name for name in binary if sum(row[name] == "1" for row in rows) >= min_label_count]
    return labels, {row[id_column]: [float(row[name]) for name in labels] for row in rows}


def read_data(options):
    ids, features = read_features(options.features)
    labels, targets = read_targets(options.targets_csv, options.id_column, options.labels, options.min_label_count)
    with open(options.split, encoding="utf-8", newline="") as f:
        part_of = {row["id"]: row["part"] for row in csv.DictReader(f)}
    data = {}
    for part in ("train", "validation", "test"):
        rows = [i for i, name in enumerate(ids) if part_of.get(name) == part and name in targets]
        if not rows:
            sys.exit(f"pytorch_head: {options.split}: no row of the part '{part}' has features and targets")
        data[part] = (torch.from_numpy(features[rows]),
                      torch.tensor([targets[ids[i]] for i in rows], dtype=torch.float32))
    return labels, standardized(data) if options.standardize else data


def standardized(data):
    """(x - mean) / deviation of each feature over the training part; a constant feature becomes 0."""
    mean, deviation = data["train"][0].mean(0), data["train"][0].std(0, correction=0)
    scale = torch.where(deviation > 0, 1 / deviation, 0)
    return {part: ((x - mean) * scale, y) for part, (x, y) in data.items()}


# Scores.
def best_thresholds(scores, targets):
    """Per label the threshold of the best F1 of `scores >= threshold`, and that F1; 0 (a logit) without positives."""
    scores, thresholds, best = scores.astype(np.float64), [], []
    for j in range(scores.shape[1]):
        order = np.argsort(-scores[:, j], kind="stable")
        s, hits = scores[order, j], np.cumsum(targets[order, j])
        if hits[-1] == 0:
            thresholds.append(0.0), best.append(0.0)
            continue
        value = 2 * hits / (np.arange(1, len(s) + 1) + hits[-1])
        value[:-1][s[:-1] == s[1:]] = -1  # only the end of a group of ties is a decision
        k = int(np.argmax(value))
        thresholds.append(s[k] if k + 1 == len(s) else (s[k] + s[k + 1]) / 2)
        best.append(value[k])
    return np.array(thresholds), np.array(best)


def f1_scores(scores, targets, thresholds):
    predicted = scores >= thresholds
    return {average: sk.f1_score(targets, predicted, average=average, zero_division=0) for average in ("macro", "micro")}


def mean_average_precision(scores, targets):
    present = targets.sum(0) > 0
    return float(sk.average_precision_score(targets[:, present], scores[:, present], average="macro"))


def test_scores(model, data):
    """The row of results on the test part, with thresholds from the validation part."""
    scores = {part: logits(model, data[part][0]).numpy() for part in ("validation", "test")}
    targets = data["test"][1].numpy()
    thresholds, _ = best_thresholds(scores["validation"], data["validation"][1].numpy())
    half, tuned = f1_scores(scores["test"], targets, 0.0), f1_scores(scores["test"], targets, thresholds)
    return {"macro_f1_half": half["macro"], "macro_f1_tuned": tuned["macro"],
            "micro_f1_half": half["micro"], "micro_f1_tuned": tuned["micro"],
            "mAP": mean_average_precision(scores["test"], targets),
            "macro_f1_all_positive": f1_scores(scores["test"], targets, -np.inf)["macro"]}


def validation_scores(model, data, loss):
    x, y = data["validation"]
    z, targets = logits(model, x), y.numpy()
    return {"loss": float(loss(z, y)), "mAP": mean_average_precision(z.numpy(), targets),
            "macro_f1": float(best_thresholds(z.numpy(), targets)[1].mean()),
            "macro_f1_half": float(f1_scores(z.numpy(), targets, 0.0)["macro"])}


# Training.
def make_head(features, labels, hidden, dropout):
    if hidden == 0:
        return torch.nn.Linear(features, labels)
    return torch.nn.Sequential(torch.nn.Linear(features, hidden), torch.nn.ReLU(), torch.nn.Dropout(dropout),
                               torch.nn.Linear(hidden, labels))


@torch.no_grad()
def logits(model, x):
    model.eval()
    return model(x)


def one_epoch(model, optimizer, loss, x, y, batch_size):
    model.train()
    for rows in torch.randperm(len(x)).split(batch_size):
        optimizer.zero_grad(set_to_none=True)
        loss(model(x[rows]), y[rows]).backward()
        optimizer.step()


def train(data, options, learning_rate, seed, each_epoch=None):
    """Trains until `patience` epochs brought nothing better; the model with its best weights, and what validation said.

    each_epoch(epoch, model, scores) is called after each epoch, if given.
    """
    torch.manual_seed(seed)
    x, y = data["train"]
    model = make_head(x.shape[1], y.shape[1], options.hidden, options.dropout)
    optimizer = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "sgd": torch.optim.SGD}[options.optimizer](
        model.parameters(), lr=learning_rate, weight_decay=options.weight_decay)
    loss, sign = LOSSES[options.loss], -1 if options.monitor == "loss" else 1
    best, start = None, time.perf_counter()
    for epoch in range(1, options.epochs + 1):
        one_epoch(model, optimizer, loss, x, y, options.batch_size)
        scores = validation_scores(model, data, loss)
        if each_epoch:
            each_epoch(epoch, model, scores)
        if best is None or sign * scores[options.monitor] > sign * best["validation"][options.monitor]:
            best = {"epoch": epoch, "validation": scores,
                    "weights": {name: tensor.clone() for name, tensor in model.state_dict().items()}}
        elif epoch - best["epoch"] >= options.patience:
            break
    model.load_state_dict(best.pop("weights"))
    return model, {**best, "epochs": epoch, "seconds": round(time.perf_counter() - start, 2)}


def run_seeds(data, options, learning_rate):
    results = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        model, result = train(data, options, learning_rate, seed)
        result = {"loss": options.loss, "learning_rate": learning_rate, "monitor": options.monitor, "seed": seed,
                  **result, "test": test_scores(model, data)}
        print(json.dumps(result), flush=True)
        results.append(result)
    return results


def mean_and_deviation(values):
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1) if len(values) > 1 else 0:.3f}"


def print_row(results):
    first = results[0]
    cells = [first["loss"], f"{first['learning_rate']:g}", first["monitor"],
             mean_and_deviation([r["validation"][first["monitor"]] for r in results])]
    cells += [mean_and_deviation([r["test"][name] for r in results]) for name in COLUMNS]
    cells += [f"{np.mean([r['epoch'] for r in results]):.0f}", f"{np.mean([r['seconds'] for r in results]):.0f}"]
    names = ["loss", "learning rate", "monitor", "validation"] + list(COLUMNS) + ["best epoch", "seconds"]
    for line in (names, ["---"] * len(names), cells):
        print("| " + " | ".join(line) + " |", flush=True)


def parse(arguments):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--features", required=True)
    p.add_argument("--targets-csv", required=True)
    p.add_argument("--split", required=True)
    p.add_argument("--id-column", default="Id")
    p.add_argument("--labels", type=lambda text: text.split(","), help="names of columns, joined by commas")
    p.add_argument("--min-label-count", type=int, default=120)
    p.add_argument("--loss", choices=LOSSES, default="bce")
    p.add_argument("--learning-rate", type=float, default=3e-4)
    p.add_argument("--search", type=lambda text: [float(x) for x in text.split(",")], nargs="?", const=GRID,
                   help="learning rates to try, joined by commas (without a value: %s)" % ",".join(map(str, GRID)))
    p.add_argument("--monitor", choices=("mAP", "macro_f1", "loss"), default="loss",
                   help="what early stopping looks at; macro_f1 is at tuned thresholds")
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--first-seed", type=int, default=0)
    p.add_argument("--hidden", type=int, default=1024, help="0: a linear head")
    p.add_argument("--dropout", type=float, default=0.3)
    p.add_argument("--batch-size", type=int, default=256)
    p.add_argument("--epochs", type=int, default=100)
    p.add_argument("--patience", type=int, default=10)
    p.add_argument("--standardize", action="store_true", help="features by their mean and deviation in training")
    p.add_argument("--optimizer", choices=("adamw", "adam", "sgd"), default="adamw")
    p.add_argument("--weight-decay", type=float, default=0.01)
    p.add_argument("--threads", type=int, default=1)
    return p.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    torch.set_num_threads(options.threads)
    try:
        labels, data = read_data(options)
    except (OSError, KeyError, ValueError) as e:
        sys.exit(f"pytorch_head: {type(e).__name__}: {e}")
    sizes = {part: len(x) for part, (x, _) in data.items()}
    print(f"torch {torch.__version__}, {options.threads} thread(s); {sizes}; {len(labels)} labels: {', '.join(labels)}",
          file=sys.stderr)
    runs = [run_seeds(data, options, rate) for rate in options.search or [options.learning_rate]]
    sign = -1 if options.monitor == "loss" else 1
    print_row(max(runs, key=lambda results: sign * np.mean([r["validation"][options.monitor] for r in results])))


if __name__ == "__main__":
    main()
