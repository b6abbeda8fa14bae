"""``python -m benchmarks.throughput``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.throughput.bench import COMPETITORS, ON_SHOPS, bench


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=bench.__doc__)
    parser.add_argument("--events", type=int, nargs=2, default=(3_000_000, 10_000_000), metavar=("SMALL", "LARGE"))
    parser.add_argument("--only", nargs="+", choices=(*COMPETITORS, *ON_SHOPS), default=tuple(COMPETITORS))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--heap", default="3g", help="the JVM's heap, as -Xmx takes it")
    parser.add_argument("--partitions", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("out/throughput.json"))
    given = parser.parse_args()
    events = (given.events[0], given.events[1])
    return bench(events, given.only, given.rounds, given.out, given.heap, given.partitions)


if __name__ == "__main__":
    sys.exit(min(1, main()))
