"""Events per second of the job and of its peers, in one run, on the same Kafka topics."""

from __future__ import annotations

from pathlib import Path


def main(out: Path) -> int:
    """Measure everything at the default sizes, write ``out``; return the exit code."""
    from benchmarks.throughput.bench import bench

    return min(1, bench(out=out))
