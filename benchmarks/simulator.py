"""``python -m benchmarks.simulator``: how many events a second one core makes, writes and sends, by CPU time."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from benchmarks.broker import Broker
from simulator.files import to_files
from simulator.ground_truth import GroundTruth
from simulator.records import producer_to
from simulator.reference import FAULTS, make
from simulator.simulation import Simulation
from simulator.stream import Stream
from simulator.topics import to_topics

Target = Callable[[Simulation, Path], int]


def made(run: Simulation, folder: Path) -> int:
    """Make events, and write the truth alone; return their number."""
    with GroundTruth(run, folder / "truth") as truth:
        return sum(map(len, Stream(run).slices(truth)))


def filed(run: Simulation, folder: Path) -> int:
    """Write events to files."""
    return int(to_files(run, folder / "events", folder / "truth")["lines"])


def sent(broker: Broker, lines_per_record: int) -> Target:
    """Return what sends events to a new topic of a broker."""

    def send(run: Simulation, folder: Path) -> int:
        topic = f"shop-{uuid4().hex}"
        broker.create_topic(topic, run.partitions)
        with contextlib.closing(producer_to(broker.bootstrap)) as producer:
            summary = to_topics(run, producer, topic, folder / "truth", lines_per_record=lines_per_record)
        return int(summary["lines"])

    return send


def rate(target: Target, run: Simulation, repeats: int) -> float:
    """Return events for each second of this process's CPU time, the best of all repeats."""
    best = 0.0
    for _ in range(repeats):
        with TemporaryDirectory() as folder:
            before = time.process_time()
            lines = target(run, Path(folder))
            best = max(best, lines / (time.process_time() - before))
    return best


def main() -> None:
    """Measure, and print a line for each target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=__doc__)
    parser.add_argument("--events", type=int, default=500_000, help="impressions of people")
    parser.add_argument("--repeats", type=int, default=3, help="the best of them counts")
    parser.add_argument("--faults", choices=tuple(FAULTS), default="some", help="what goes wrong")
    parser.add_argument("--broker", action="store_true", help="also send to a Kafka broker on this machine")
    given = parser.parse_args()
    run = make("reference", given.faults, {"impressions": given.events})
    with contextlib.ExitStack() as stack:
        targets: dict[str, Target] = {"made": made, "files": filed}
        if given.broker:
            broker = stack.enter_context(Broker(Path(stack.enter_context(TemporaryDirectory()))))
            targets |= {f"topic, {lines} a record": sent(broker, lines) for lines in (50, 1)}
        print("target               events a second of CPU   us of CPU an event")
        for name, target in targets.items():
            found = rate(target, run, given.repeats)
            print(f"{name:22}{found:21,.0f}{1e6 / found:21.2f}", flush=True)


if __name__ == "__main__":
    main()
