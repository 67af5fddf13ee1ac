#!/usr/bin/env python3
"""Puts what benchmarks/gpu/run measured into results.json and results.md.

    python3 benchmarks/gpu/table.py WORK OUT

WORK holds *.json (lists of {what, shape, who, ms, bytes}), stages.tsv (name, seconds, result) and gpu.txt; results.json
and results.md are written to OUT.
"""

import json
import pathlib
import sys

SCORES = ("65536 x 80", "1048576 x 80")
ROWS = (
    [(f"{loss}, value and gradient", shape) for loss in ("bce", "soft_f1") for shape in SCORES]
    + [(f"macro F1 counts, {targets} targets", shape) for targets in ("float", "uint8") for shape in SCORES]
    + [("exact best-F1 thresholds", shape) for shape in SCORES]
    + [(f"head step, {type}", "256 x 1280 -> 1024 -> 25") for type in ("float", "tf32", "bf16")]
    + [(f"MobileNetV2 features, {type}", f"{images} x 224 x 224") for type in ("fp16", "bf16", "float")
       for images in (64, 256)]
    + [(f"training of 30 epochs, {type}", "30152 x 1280 -> 1024 -> 25") for type in ("float", "tf32", "bf16")]
)
# Columns of peers; what they are compared with is in the same place: as called, or recorded.
PEERS = (("PyTorch", ("torch eager",), "softf1"),
         ("torch.compile", ("torch.compile",), "softf1"),
         ("torch.compile in a CUDA graph", ("torch.compile, CUDA graph", "torch.compile, reduce-overhead"),
          "softf1, recorded"),
         ("other", ("cub segmented sort alone", "cub sort a label alone", "cupy"), "softf1"))


def number(ms):
    return f"{ms:.4f}" if ms < 1 else f"{ms:.3f}" if ms < 100 else f"{ms:.0f}"


def peer_cell(times, names, ours):
    """The best of the peers, and how many times our time it takes."""
    found = {name: times[name]["ms"] for name in names if name in times}
    if not found:
        return ""
    name = min(found, key=found.get)
    mine = times.get(ours) or times.get("softf1")
    ratio = f" ({found[name] / mine['ms']:.2f})" if mine else ""
    return number(found[name]) + ratio + (f" {name}" if len(names) > 1 else "")


def table(rows):
    times = {}
    for row in rows:
        times.setdefault((row["what"], row["shape"]), {})[row["who"]] = row
    copy = times.get(("copy", "1 GiB"), {}).get("softf1")
    bandwidth = copy["bytes"] / copy["ms"] / 1e6 if copy else None
    lines = []
    if bandwidth:
        lines += [f"Copying 1 GiB: {bandwidth:.0f} GB/s, read and written.", ""]
    head = ["", "shape", "softf1, ms", "recorded, ms", "GB/s", "share of copy"] + [name for name, *_ in PEERS]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for key in ROWS:
        mine = times.get(key, {})
        ours = [mine[who] for who in ("softf1", "softf1, recorded") if who in mine]
        best = min(ours, key=lambda row: row["ms"]) if ours else None
        rate = best["bytes"] / best["ms"] / 1e6 if best and best["bytes"] else None
        cells = [key[0], key[1]]
        cells += [number(mine[who]["ms"]) if who in mine else "" for who in ("softf1", "softf1, recorded")]
        cells += [f"{rate:.0f}" if rate else "", f"{100 * rate / bandwidth:.0f} %" if rate and bandwidth else ""]
        cells += [peer_cell(mine, names, ours) for _, names, ours in PEERS]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, out = map(pathlib.Path, sys.argv[1:])
    rows = []
    for part in sorted(folder.glob("*.json")):
        try:
            rows += json.loads(part.read_text(encoding="utf-8"))
        except ValueError as error:
            print(f"table: {part}: {error}")
    stages = [dict(zip(("stage", "seconds", "result"), line.split("\t"))) for line in lines_of(folder / "stages.tsv")]
    machine = lines_of(folder / "gpu.txt")
    results = json.dumps({"machine": machine, "stages": stages, "rows": rows}, indent=1)
    (out / "results.json").write_text(results + "\n", encoding="utf-8")
    lines = ["# Measured on a GPU", "", "; ".join(machine), ""] + table(rows) + [""]
    lines += ["Milliseconds, by events on the device: the median of 25 samples, data rotated through several times the",
              "cache; trainings by the clock on the wall. In brackets: that time divided by ours, as called or, for CUDA",
              "graphs, recorded.", "", "| stage | seconds | result |", "|---|---|---|"]
    lines += [f"| {s['stage']} | {s['seconds']} | {s['result']} |" for s in stages]
    (out / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
