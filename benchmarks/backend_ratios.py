#!/usr/bin/env python3
"""Prints device time / CPU time of each pair of rows of bench_backends, as a Markdown table.

    bench_backends --benchmark_repetitions=9 --benchmark_out=pairs.json
    python3 benchmarks/backend_ratios.py pairs.json [--most 3]

Times are the least of the repetitions: what else runs on a machine only adds to them. With --most, the exit status is 1
where a primitive's ratio is above it.
"""

import argparse
import json
import sys


def least_times(rows):
    """Microseconds and bytes a second by name, of the fastest repetition of each row."""
    least = {}
    for row in rows:
        if row.get("run_type") == "aggregate":
            continue
        name = row["run_name"].removesuffix("/real_time")
        if name not in least or row["real_time"] < least[name][0]:
            least[name] = (row["real_time"], row.get("bytes_per_second", 0.0))
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", help="what --benchmark_out wrote")
    parser.add_argument("--most", type=float, help="the ratio that no primitive may exceed")
    arguments = parser.parse_args()
    with open(arguments.results, encoding="utf-8") as file:
        least = least_times(json.load(file)["benchmarks"])
    slow = []
    print("| | CPU, ms | GB/s | device, ms | GB/s | ratio |")
    print("|---|---|---|---|---|---|")
    for name, (time, rate) in least.items():
        pair = name.removesuffix("/cpu") + "/device"
        if not name.endswith("/cpu") or pair not in least:
            continue
        device_time, device_rate = least[pair]
        ratio = device_time / time
        print(f"| {name.removesuffix('/cpu')} | {time / 1e3:.3f} | {rate / 1e9:.2f} | {device_time / 1e3:.3f} "
              f"| {device_rate / 1e9:.2f} | {ratio:.2f} |")
        if arguments.most and name.startswith("primitive/") and ratio > arguments.most:
            slow.append(f"{name.removesuffix('/cpu')} ({ratio:.2f})")
    if slow:
        sys.exit(f"backend_ratios: above {arguments.most:g}: {', '.join(slow)}")


if __name__ == "__main__":
    main()
