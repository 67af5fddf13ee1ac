#!/usr/bin/env python3
"""Trains on a folder of posters with each loss and three seeds, and prints the table of results.

    python3 benchmarks/posters.py --program build/examples/trainer/softf1 --csv posters.csv --images images \\
        --weights mobilenet_v2.safetensors --out runs/posters [--seeds 3] [-- OPTION...]

What stands behind -- goes to `softf1 train`. The first run makes the split, which all others use: what differs between
seeds is how the head begins, the order of rows, and dropout. Prints means ± standard deviations of the sample. The
features and the split of OUT are what benchmarks/peers/pytorch_head.py takes.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

LOSSES = ("bce", "soft_f1", "double_soft_f1")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("program", "csv", "images", "weights", "out"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("options", nargs="*", help="for softf1 train, behind --")
    o = p.parse_args()

    split = os.path.join(o.out, "bce_0", "split.csv")
    runs = {}
    for loss in LOSSES:
        for seed in range(o.seeds):
            folder = os.path.join(o.out, f"{loss}_{seed}")
            command = [o.program, "train", "--csv", o.csv, "--images", o.images, "--weights", o.weights, "--loss", loss,
                       "--seed", str(seed), "--out", folder, "--overwrite", "--quiet", "--json", folder + ".json",
                       *o.options]
            if (loss, seed) != ("bce", 0):
                command += ["--split-file", split]
            if subprocess.run(command).returncode != 0:
                sys.exit(1)
            with open(folder + ".json") as f:
                runs[loss, seed] = json.load(f)

    def spread(values):
        if any(v is None for v in values):
            return "-"
        sd = statistics.stdev(values) if len(values) > 1 else 0
        return f"{statistics.mean(values):.3f} ± {sd:.3f}"

    print("| loss and decision | macro F1 | micro F1 | mAP | training, s |\n| --- | --- | --- | --- | --- |")
    for loss in LOSSES:
        for k in range(0 if loss == LOSSES[0] else 1, 3):
            rows = [runs[loss, seed]["results"][k] for seed in range(o.seeds)]
            name = rows[0]["decision"] if k == 0 else f"{loss} {rows[0]['decision']}"
            seconds = "" if k == 0 else f"{statistics.mean(runs[loss, s]['seconds']['training'] for s in range(o.seeds)):.1f}"
            print(f"| {name} | " + " | ".join(spread([r[m] for r in rows]) for m in ("macro_f1", "micro_f1", "map")) +
                  f" | {seconds} |")


if __name__ == "__main__":
    main()
