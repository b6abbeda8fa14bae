"""``python -m benchmarks.stages.behaviour``: what features of behaviour cost in [read] and [user], on a shop."""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.quality.lanes import read
from benchmarks.quality.shop import FEATURES, with_behaviour
from jobs.config.configuration import Configuration
from jobs.reader.make import make_source
from simulator.files import to_files
from simulator.reference import PRESETS, none
from udfs.frames import Kind, decode
from udfs.stages.vertices import vertices


class Cost(NamedTuple):
    """Microseconds of CPU an event in [read] and in [user]; bytes an event between them; bytes of all dumps."""

    read_us: float
    user_us: float
    event_bytes: float
    dump_bytes: float


def measure(configuration: Configuration, folder: Path) -> Cost:
    """Read files and follow them to the end."""
    vertex = vertices(configuration.plan(1, True))[0]
    stages = [vertex.make(key) for key in range(vertex.keys)]
    begin = time.process_time()
    sent = list(read(configuration, make_source(configuration, folder, True)))
    middle = time.process_time()
    events = 0
    for bucket, data in sent:
        frame = decode(data)
        events += frame.n if frame.kind == Kind.EVENTS else 0
        for _ in stages[bucket].process(frame):
            pass
    end = time.process_time()
    dumps = sum(len(part) for stage in stages for part in stage.dump())
    micros = 1e6 / events
    return Cost((middle - begin) * micros, (end - middle) * micros, sum(len(d) for _, d in sent) / events, dumps)


def main() -> None:
    """Measure without, with each feature and with all, in turn; the smallest times count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages.behaviour", description=main.__doc__)
    parser.add_argument("--impressions", type=int, default=300_000)
    parser.add_argument("--days", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    choices: dict[str, list[str]] = {"none": [], **{name: [name] for name in FEATURES}, "all": list(FEATURES)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        shop = replace(PRESETS["reference"], impressions=given.impressions, days=given.days)
        to_files(none(shop), folder, Path(name) / "truth")
        found: dict[str, list[Cost]] = {choice: [] for choice in choices}
        for _ in range(given.rounds):
            for choice, names in choices.items():
                found[choice].append(measure(with_behaviour(names), folder))
    print(f"{'features':15}{'read':>8}{'user':>8}  us of CPU an event | bytes an event, of all dumps")
    for choice, costs in found.items():
        least = [min(column) for column in zip(*costs, strict=True)]
        print(f"{choice:15}{least[0]:8.3f}{least[1]:8.3f}{'':20}|{least[2]:8.1f}{least[3]:14,.0f}")


if __name__ == "__main__":
    main()
