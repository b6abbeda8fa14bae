"""``python -m benchmarks.quality.behaviour``: what features of behaviour are worth on the simulator's shop.

Files go through the job's own operators, without Flink: examples/shop.yaml without such features, with each of them,
with some together. The best that any model could reach comes from the simulator's true probabilities.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.quality.lanes import users
from benchmarks.quality.shop import FEATURES, OF_ITEMS, with_behaviour
from jobs.config.configuration import Configuration
from simulator.files import to_files
from simulator.reference import FAULTS, PRESETS
from udfs.frames import decode
from udfs.stages.stage import Output, Route, Stage
from udfs.stages.vertices import vertices


def figures(described: Configuration, folder: Path) -> dict[str, Any]:
    """Return the figures of each model when the input has ended, and the CPU time of all stages by event."""
    _, *after = vertices(described.plan(1, True))
    stages = {vertex.name: [vertex.make(key) for key in range(vertex.keys)] for vertex in after}
    started, read = time.process_time(), {}
    reports: dict[str, Any] = {}
    for output in users(described, folder):
        if output.route == Route.REPORT:
            report = json.loads(output.payload)
            read[report["key"]] = report["read"]
        for out in _followed(output, stages):
            if out.route == Route.REPORT and (report := json.loads(out.payload))["stage"] == "train":
                reports[report["model"]] = report["progressive"]["fresh"]
    spent = (time.process_time() - started) / sum(read.values()) * 1e6
    wanted = ("auc", "normalised_entropy", "calibration")
    return {name: {key: found.get(key) for key in wanted} for name, found in reports.items()} | {"core_us": spent}


def _followed(output: Output, stages: dict[str, list[Stage]]) -> Iterator[Output]:
    """Yield what [item], where it is, and [train] make of an output of [user]."""
    if output.route == Route.NEXT and "item" in stages:
        for out in stages["item"][output.key].process(decode(output.payload)):
            if out.route == Route.NEXT:
                yield from stages["train"][out.key].process(decode(out.payload))
    elif output.route in (Route.NEXT, Route.PAST):
        yield from stages["train"][output.key].process(decode(output.payload))


CHOICES: dict[str, list[str]] = {
    "none": [],
    **{name: [name] for name in (*FEATURES, *OF_ITEMS)},
    "both rates": ["click_rate", "item_click_rate"],
    "all": list(FEATURES),
}


def run(impressions: int, faults: str, seed: int, choices: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the best possible AUC, then the figures of each choice of features."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        shop = FAULTS[faults](replace(PRESETS["reference"], impressions=impressions, seed=seed))
        truth = to_files(shop, folder, Path(name) / "truth")
        yield "best possible", truth["people"]
        for choice in choices:
            yield choice, figures(with_behaviour(CHOICES[choice]), folder)


def main() -> None:
    """Print a line for each choice."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.behaviour", description=run.__doc__)
    parser.add_argument("--impressions", type=int, default=1_000_000)
    parser.add_argument("--faults", choices=tuple(FAULTS), default="some")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--choices", nargs="+", choices=tuple(CHOICES), default=list(CHOICES))
    given = parser.parse_args()
    for choice, found in run(given.impressions, given.faults, given.seed, given.choices):
        print(f"{choice:15}", json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
