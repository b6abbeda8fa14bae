"""``python -m benchmarks.quality.outages``: what a shop's breaks do to a model behind its circuit breaker.

The simulated shop goes through the job's own operators and stages [read], [user] and [train], without Flink: clean,
with waves and two sales; and with a click topic that dies, one of four click partitions, a field that becomes null, and
prices in cents. Printed are, of the model of clicks, trips, impressions from the break until the breaker opens and from
its end until it closes, examples of the break that were learned and the false negatives among them, and releases
meanwhile.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from benchmarks.quality.lanes import users
from jobs.config import load
from jobs.config.configuration import Configuration
from simulator.drift import Drift, Sale
from simulator.faults import Faults, NullField, Outage, UnitChange
from simulator.files import to_files
from simulator.reference import PRESETS, none
from simulator.simulation import Simulation
from udfs.frames import Frame, Kind, decode
from udfs.schema import Plan
from udfs.stages.stage import Output, Route
from udfs.stages.train import make_train_stage

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "shop.yaml"
BREAKS: dict[str, Faults] = {
    "all clicks": Faults(outages=(Outage(start=0.7, stop=0.9),)),
    "clicks of 1 in 4": Faults(outages=(Outage(start=0.7, stop=0.9, partition=1),)),
    "category null": Faults(nulls=(NullField(start=0.7, stop=0.9, field="category"),)),
    "price in cents": Faults(units=(UnitChange(start=0.7, stop=0.9),)),
}
"""Faults by name, each in the same span of a day."""


class Watched:
    """The model of clicks, and what reached it.

    Attributes:
        arrived: times and keys of all examples, and their labels, as they came.
        learned: keys of those that were learned.
        events: of its breaker.
        releases: for each set of weights that it put out, whether the breaker was open.
    """

    def __init__(self, plan: Plan) -> None:
        self.arrived: list[tuple[int, bytes, float]] = []
        self.learned: set[bytes] = set()
        self.events: list[dict[str, Any]] = []
        self.releases: list[bool] = []
        self._stage = make_train_stage(plan, 0)
        usual = self._stage._learn_in_order

        def learn(frame: Frame) -> Iterator[Output]:
            self.learned.update(key for _, key, _ in _rows(frame))
            return usual(frame)

        self._stage._learn_in_order = learn  # type: ignore[method-assign]

    def process(self, frame: Frame) -> None:
        """Take a frame."""
        if frame.kind == Kind.EXAMPLES:
            self.arrived += _rows(frame)
        for output in self._stage.process(frame):
            if output.route == Route.REPORT and (said := msgspec.json.decode(output.payload))["stage"] == "breaker":
                self.events.append(said)
            elif output.route == Route.NEXT and decode(output.payload).meta.get("chunk") == 0:
                self.releases.append(self._stage._guards.breaker.is_open)


def _rows(frame: Frame) -> list[tuple[int, bytes, float]]:
    """Return time, a key that tells impressions apart, and label of each example."""
    columns = frame.columns
    time, label, single = columns["time"].tolist(), columns["label"].tolist(), columns["single"]
    # A null field takes no impression's key away: people see an item once a millisecond.
    return [(t, t.to_bytes(8) + single[i, :2].tobytes(), y) for i, (t, y) in enumerate(zip(time, label, strict=True))]


def through(configuration: Configuration, simulation: Simulation, seed: int = 0) -> Watched:
    """Return what a simulated shop does to the model of clicks."""
    watched = Watched(configuration.plan(1, True))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        to_files(simulation, folder, Path(name) / "truth")
        for output in users(configuration, folder, seed):
            if output.route == Route.NEXT and output.key == 0:
                watched.process(decode(output.payload))
    return watched


class Outcome(NamedTuple):
    """What became of a break; None for what never happened.

    Attributes:
        shown: impressions of the break.
        opened: impressions from its beginning until the breaker opened.
        closed: impressions from its end until the breaker closed for good.
        learned: impressions of the break that were learned.
        false: those of them that were clicked, and learned as if they were not.
        while_open: sets of weights that left while the breaker was open.
    """

    shown: int
    opened: int | None
    closed: int | None
    learned: int
    false: int
    while_open: int


def outcome(watched: Watched, clean: Watched, span: tuple[int, int]) -> Outcome:
    """Compare a shop with a break between two times, microseconds, with the same shop without."""
    truth = {key: label for _, key, label in clean.arrived}
    times = np.array([time for time, _, _ in watched.arrived])
    inside = [(key, label) for time, key, label in watched.arrived if span[0] <= time < span[1]]
    learned = [(key, label) for key, label in inside if key in watched.learned]
    trips = [event["time"] for event in watched.events if event["event"] == "trip" and event["time"] >= span[0]]
    ends = [event["time"] for event in watched.events if not event["open"] and event["time"] >= span[0]]
    opened = int(((times >= span[0]) & (times < trips[0])).sum()) if trips else None
    closed = int(((times >= span[1]) & (times < ends[-1])).sum()) if ends else None
    false = sum(label == 0.0 and truth.get(key, 0.0) > 0.0 for key, label in learned)
    return Outcome(len(inside), opened, closed, len(learned), false, sum(watched.releases))


def span_of(simulation: Simulation) -> tuple[int, int]:
    """Return the beginning and the end of the one fault of a shop, microseconds since 1970."""
    ((_, span),) = simulation.spans()
    start, stop = ((simulation.start_ms + ms) * 1_000 for ms in (span.start_ms, span.stop_ms))
    return start, stop


def shop(impressions: int, days: float = 1.0) -> Simulation:
    """Return the reference shop, clean."""
    return replace(none(PRESETS["reference"]), impressions=impressions, days=days)


def example(snapshot: int = 50_000) -> Configuration:
    """Return the example's configuration, read in small pieces: those of a whole day would come bucket by bucket."""
    loaded = load(EXAMPLE)
    ctr = loaded.models["ctr"]
    often = ctr.model_copy(update={"snapshot": ctr.snapshot.model_copy(update={"examples": snapshot})})
    runtime = loaded.runtime.model_copy(update={"read_size": 1 << 16})
    return loaded.model_copy(update={"models": {**loaded.models, "ctr": often}, "runtime": runtime})


def run(impressions: int, snapshot: int, names: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what becomes of the clean shop and of each break, by name, as plain values."""
    configuration = example(snapshot)
    clean = through(configuration, shop(impressions))
    yield "clean", _figures(clean)
    for name in names:
        broken = replace(shop(impressions), faults=BREAKS[name])
        watched = through(configuration, broken)
        yield name, _figures(watched) | outcome(watched, clean, span_of(broken))._asdict()


def calm(impressions: int) -> dict[str, Any]:
    """Return what becomes of a clean shop in two days with two sales."""
    sales = (Sale(start=0.6, stop=0.75), Sale(start=1.5, stop=1.6))
    simulation = replace(shop(impressions, 2.0), drift=Drift(sales=sales))
    return _figures(through(example(), simulation))


def _figures(watched: Watched) -> dict[str, Any]:
    trips = [f"{event['guard']} {event['item']}".strip() for event in watched.events if event["event"] == "trip"]
    return {"arrived": len(watched.arrived), "releases": len(watched.releases), "trips": trips}


def main() -> None:
    """Print the table, or one JSON document a shop."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.outages", description=__doc__)
    parser.add_argument("--impressions", type=int, default=300_000, help="of each shop with a break, in a day")
    parser.add_argument("--calm", type=int, default=1_000_000, help="of the clean shop with two sales; 0: none")
    parser.add_argument("--snapshot", type=int, default=5_000, help="examples between two releases")
    parser.add_argument("--only", nargs="*", choices=BREAKS, default=list(BREAKS), help="breaks")
    parser.add_argument("--json", action="store_true", help="for machines")
    given = parser.parse_args()
    shops = run(given.impressions, given.snapshot, given.only)
    for name, found in itertools.chain([("calm", calm(given.calm))] if given.calm else [], shops):
        print(json.dumps({"shop": name, **found}) if given.json else _line(name, found), flush=True)


def _line(name: str, found: dict[str, Any]) -> str:
    figures = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in found.items())
    return f"{name}: {figures}"


if __name__ == "__main__":
    main()
