"""``python -m benchmarks.stages``."""

from __future__ import annotations

import argparse

from benchmarks.stages.measure import Cost, measure
from benchmarks.stages.workload import WORKLOADS


def main() -> None:
    """Measure, and print a line for each workload."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=measure.__doc__)
    parser.add_argument("--lines", type=int, default=40_000, help="lines in a batch")
    parser.add_argument("--batches", type=int, default=12, help="batches that are measured, after two that are not")
    parser.add_argument("--workload", nargs="+", choices=tuple(WORKLOADS), default=("clicks",))
    given = parser.parse_args()
    print("workload     pack    user   train  us of CPU an event | pack>user  user>train  bytes an event")
    for name in given.workload:
        cost: Cost = measure(WORKLOADS[name], given.lines, given.batches)
        times = f"{cost.pack_us:8.3f}{cost.user_us:8.3f}{cost.train_us:8.3f}"
        print(f"{name:9}{times}{'':22}|{cost.event_bytes:10.1f}{cost.example_bytes:12.1f}", flush=True)


if __name__ == "__main__":
    main()
