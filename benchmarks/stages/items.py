"""``python -m benchmarks.stages.items``: what features of items and rules about them cost in [item], on a shop."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.quality.lanes import users
from benchmarks.quality.shop import OF_ITEMS, with_behaviour
from jobs.config.configuration import Configuration
from simulator.files import to_files
from simulator.reference import PRESETS, none
from udfs.frames import Frame, Kind, decode
from udfs.stages.stage import Route
from udfs.stages.vertices import vertices
from udfs.types import U64

CHOICES = {"rules": (False, True), "features": (True, False), "both": (True, True)}
"""Whether the model of clicks sees features of items, and whether its items are judged."""


class Cost(NamedTuple):
    """Microseconds of CPU an example in [item], decoding and encoding included, and bytes of its dump for an item."""

    item_us: float
    item_bytes: float


def configured(features: bool, rules: bool) -> Configuration:
    """Return the example with features of items, with rules about them, or with both."""
    judged = {"anomalies": {"items": {"field": "item"}}} if rules else {}
    return with_behaviour(list(OF_ITEMS) if features else [], **judged)


def sent(configuration: Configuration, folder: Path) -> dict[int, list[bytes]]:
    """Return the frames that reach each key of [item]."""
    frames: dict[int, list[bytes]] = defaultdict(list)
    for output in users(configuration, folder):
        if output.route == Route.NEXT:
            frames[output.key].append(output.payload)
    return frames


def measure(configuration: Configuration, frames: dict[int, list[bytes]]) -> Cost:
    """Let all frames pass."""
    vertex = vertices(configuration.plan(1, True))[1]
    stages = {key: vertex.make(key) for key in frames}
    examples, begin = 0, time.process_time()
    for key, payloads in frames.items():
        for data in payloads:
            frame: Frame = decode(data)
            examples += frame.n if frame.kind == Kind.EXAMPLES else 0
            for _ in stages[key].process(frame):
                pass
    spent = time.process_time() - begin
    held = sum(len(part) for one in stages.values() for part in one.dump())
    return Cost(1e6 * spent / examples, held / len(items_in(frames)))


def items_in(frames: dict[int, list[bytes]]) -> U64:
    """Return the items of examples, each once."""
    every = (decode(data) for payloads in frames.values() for data in payloads)
    items: U64 = np.unique(np.concatenate([frame.columns["item"] for frame in every if frame.kind == Kind.EXAMPLES]))
    return items


def main() -> None:
    """Measure each choice in turn; the smallest times count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages.items", description=main.__doc__)
    parser.add_argument("--impressions", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    shop = replace(PRESETS["reference"], impressions=given.impressions)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        to_files(none(shop), folder, Path(name) / "truth")
        described = {choice: configured(*flags) for choice, flags in CHOICES.items()}
        frames = {choice: sent(one, folder) for choice, one in described.items()}
    found: dict[str, list[Cost]] = {choice: [] for choice in CHOICES}
    for _ in range(given.rounds + 1):
        for choice, one in described.items():
            found[choice].append(measure(one, frames[choice]))
    print(f"{'[item] with':12}{'us an example':>14}{'bytes an item':>14}")
    for choice, costs in found.items():
        print(f"{choice:12}{min(cost.item_us for cost in costs[1:]):14.3f}{costs[0].item_bytes:14.1f}")


if __name__ == "__main__":
    main()
