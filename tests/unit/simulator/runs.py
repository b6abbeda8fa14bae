"""Simulated shops, read back by the plainest of readers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from simulator.faults import Faults
from simulator.files import to_files
from simulator.ground_truth import COLUMNS
from simulator.population import Population
from simulator.simulation import Simulation
from udfs.types import Arrays

SHOP = Simulation(
    impressions=20_000,
    days=2,
    partitions=3,
    slice_impressions=6_000,
    population=Population(users=2_000, items=400),
)


@dataclass(frozen=True)
class Written:
    """What a run wrote: its files by name, its truth by column, its summary."""

    folder: Path
    files: dict[str, bytes]
    truth: Arrays
    summary: dict[str, Any]

    def lines(self) -> Iterator[bytes]:
        for name in sorted(self.files):
            yield from self.files[name].splitlines()

    def events(self, *types: str) -> list[dict[str, Any]]:
        """The events of these types, of all without, partition after partition, in the order of their lines."""
        return [event for event in self._read if not types or event["type"] in types]

    @cached_property
    def _read(self) -> list[dict[str, Any]]:
        return [event for event in map(good, self.lines()) if event]

    def by_id(self) -> dict[str, dict[str, Any]]:
        return {event["event_id"]: event for event in self.events()}


def good(line: bytes) -> dict[str, Any] | None:
    """The event, if the line is one."""
    try:
        event = json.loads(line.decode())
    except ValueError:
        return None
    price = event.get("price", 1.0)
    sound = len(line) < 65_536 and "user" in event and event["ts"] > 0
    return event if sound and (price is None or (isinstance(price, float) and price < 1e9)) else None


def write(folder: Path, run: Simulation, mixed: bool = True, part_impressions: int = 12_000) -> Written:
    """Write a run below a folder and read all of it."""
    out, truth = folder / "events", folder / "truth"
    summary = to_files(run, out, truth, mixed, part_impressions)
    return Written(
        folder=folder,
        files={path.name: path.read_bytes() for path in out.iterdir()},
        truth={name: np.load(truth / f"{name}.npy", allow_pickle=False) for name in COLUMNS},
        summary=summary,
    )


def faulty(**faults: Any) -> Simulation:
    """The shop with some faults."""
    return replace(SHOP, faults=Faults(**faults))


def number(text: str) -> int:
    """The number in the id of an event, an impression or a query."""
    return int(text.partition("-")[2])


def likely(count: int, n: int, rate: float) -> bool:
    """Whether a count lies within five standard deviations of a binomial's mean."""
    return abs(count - n * rate) <= 5 * math.sqrt(n * rate * (1 - rate))
