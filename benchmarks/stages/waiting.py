"""``python -m benchmarks.stages.waiting``: bytes of an impression that waits for its feedback, on a shop."""

from __future__ import annotations

import argparse
import gc
import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from benchmarks.quality.lanes import read
from benchmarks.quality.shop import EXAMPLE
from jobs.config import parse
from jobs.config.configuration import Configuration
from jobs.reader.make import make_source
from simulator.files import to_files
from simulator.population import Population
from simulator.reference import PRESETS, none
from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, decode
from udfs.joining.joiner import Joiner

_FEATURES = ("single", "present", "number", "vector.", "multiple.")
"""How the columns of features begin."""
_BEHAVIOUR = ("history", "count", "rate", "since")


class Size(NamedTuple):
    """Bytes of a waiting impression, on average.

    Attributes:
        held: in memory, of all that the joiner holds.
        features: of them, in the columns of its features.
        dumped: in a checkpoint, features included.
        waiting: how many impressions wait.
    """

    held: float
    features: float
    dumped: float
    waiting: int


def example(behaviour: bool) -> Configuration:
    """Return the shop's configuration without rules, with windows of a day, with or without features of behaviour."""
    tree = yaml.safe_load(EXAMPLE.read_text())
    for label in tree["join"]["labels"].values():
        label["window"] = "1d"
    del tree["anomalies"]
    if not behaviour:
        features = tree["features"].items()
        tree["features"] = {name: f for name, f in features if not (isinstance(f, dict) and f["kind"] in _BEHAVIOUR)}
    return parse(yaml.safe_dump(tree, sort_keys=False), {})


def impressions(configuration: Configuration, folder: Path) -> Iterator[tuple[int, Frame]]:
    """Yield bucket and rows of the impressions of a folder, in frames as [read] cuts them."""
    assert configuration.join is not None
    names = [event.name for event in configuration.plan(1, True).events]
    shown = names.index(configuration.join.impression)
    for bucket, data in read(configuration, make_source(configuration, folder, True)):
        frame = decode(data)
        if frame.kind == Kind.EVENTS:
            yield bucket, frame.pick(np.flatnonzero(frame.columns["type"] == shown))


def measure(configuration: Configuration, folder: Path) -> Size:
    """Let the joiners of all buckets wait for what answers the impressions of a folder."""
    layout = Layout.of(configuration.plan(1, True))
    given = list(impressions(configuration, folder))
    features = sum(_features(frame) + 8 * len(layout.behaviour) * frame.n for _, frame in given)
    # Kernels are compiled before: that takes many times as long while allocations are traced.
    _waiting(layout, given)
    gc.collect()
    tracemalloc.start()
    joiners = _waiting(layout, given)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    waiting = sum(joiner.state["waiting"] for joiner in joiners)
    dumped = sum(len(part) for joiner in joiners for part in joiner.dump())
    return Size(held / waiting, features / waiting, dumped / waiting, waiting)


def _waiting(layout: Layout, given: list[tuple[int, Frame]]) -> list[Joiner]:
    """Return joiners that have taken impressions, and for which time has come to the last of them."""
    assert layout.plan.join is not None
    joiners = [Joiner(layout, layout.plan.join) for _ in range(layout.plan.buckets)]
    for bucket, frame in given:
        # As a stage gets it: a frame of its own, which nobody else holds.
        joiners[bucket].take(frame.pick(np.arange(frame.n)), np.ones(frame.n, np.bool_))
    newest = max(int(frame.columns["time"].max(initial=0)) for _, frame in given)
    for joiner in joiners:
        for joined in joiner.advance(newest):
            raise AssertionError(f"{joined.rows.n} impressions have left")
    return joiners


def _features(frame: Frame) -> int:
    columns = sum(column.nbytes for name, column in frame.columns.items() if name.startswith(_FEATURES))
    ragged = sum(
        column.values.nbytes + column.pointers.nbytes
        for name, column in frame.ragged.items()
        if name.startswith(_FEATURES)
    )
    return columns + ragged


def main() -> None:
    """Measure with and without features of behaviour; few users, so that what is known of them counts little."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages.waiting", description=main.__doc__)
    parser.add_argument("--impressions", type=int, nargs="+", default=(100_000, 140_000, 200_000))
    given = parser.parse_args()
    print(f"{'waiting':>9}{'behaviour':>11}{'held':>8}{'features':>10}{'rest':>8}{'dumped':>9}  bytes an impression")
    for count in given.impressions:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "shop"
            shop = replace(PRESETS["reference"], impressions=count, days=0.5, population=Population(users=2_000))
            to_files(none(shop), folder, Path(name) / "truth")
            for behaviour in (False, True):
                size = measure(example(behaviour), folder)
                figures = f"{size.held:8.1f}{size.features:10.1f}{size.held - size.features:8.1f}{size.dumped:9.1f}"
                print(f"{size.waiting:9}{'yes' if behaviour else 'no':>11}{figures}", flush=True)


if __name__ == "__main__":
    main()
