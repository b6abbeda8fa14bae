from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from simulator.files import to_files
from simulator.ground_truth import GroundTruth
from simulator.reference import FAULTS
from simulator.stream import Stream
from tests.unit.simulator.runs import SHOP, good, number, write
from udfs.errors import ConfigurationError


def test_the_same_seed_gives_the_same_bytes_and_another_others(tmp_path: Path) -> None:
    run = FAULTS["all"](SHOP)
    a, b = (write(tmp_path / name, run) for name in "ab")
    c = write(tmp_path / "c", replace(run, seed=2))
    assert a.files == b.files
    assert (tmp_path / "a/truth/summary.json").read_bytes() == (tmp_path / "b/truth/summary.json").read_bytes()
    assert all((a.truth[name] == b.truth[name]).all() for name in a.truth)
    assert all(a.files[name] != c.files[name] for name in a.files)


def test_files_are_named_by_series_partition_and_part(tmp_path: Path) -> None:
    mixed = write(tmp_path / "mixed", SHOP)
    assert sorted(mixed.files) == [f"events-{p:02d}-{n:05d}.ndjson" for p in range(3) for n in range(3)]
    apart = write(tmp_path / "apart", SHOP, mixed=False)
    kinds = {"searches": {"search"}, "impressions": {"impression"}, "clicks": {"click"}, "orders": {"cart", "purchase"}}
    found: dict[str, set[str]] = defaultdict(set)
    for name, content in apart.files.items():
        found[name.partition("-")[0]] |= {json.loads(line)["type"] for line in content.splitlines()}
    assert found == kinds
    assert sorted(mixed.lines()) == sorted(apart.lines())


def test_lines_are_in_order_of_arrival_and_parts_cover_the_same_span(tmp_path: Path) -> None:
    run = FAULTS["all"](SHOP)
    written = write(tmp_path / "written", run)
    with GroundTruth(run, tmp_path / "again") as truth:
        order = [event for events in Stream(run).slices(truth) for event in events[["number", "arrival"]].tolist()]
    copies: dict[int, list[int]] = defaultdict(list)
    for event, at in order:
        copies[event].append(at)
    once = {event: at[0] for event, at in copies.items() if len(at) == 1}
    spans: dict[str, list[int]] = defaultdict(list)
    for name, content in written.files.items():
        read = [event["event_id"] for event in map(good, content.splitlines()) if event]
        arrival_of_lines = [once[number(event)] for event in read if number(event) in once]
        assert arrival_of_lines == sorted(arrival_of_lines)
        spans[name[-12:]] += arrival_of_lines
    parts = [spans[name] for name in sorted(spans)]
    assert len(parts) == 3
    assert all(max(earlier) <= min(later) for earlier, later in pairwise(parts))


def test_a_folder_that_is_in_use_is_refused(tmp_path: Path) -> None:
    out, truth = tmp_path / "out", tmp_path / "truth"
    run = replace(SHOP, impressions=100)
    to_files(run, out, truth)
    with pytest.raises(ConfigurationError, match="holds files of events"):
        to_files(run, out, tmp_path / "other")
    with pytest.raises(ConfigurationError, match="is not empty"):
        to_files(run, tmp_path / "third", truth)


def test_more_files_than_a_process_may_hold_open(tmp_path: Path) -> None:
    summary = to_files(replace(SHOP, impressions=300, partitions=1_000), tmp_path / "out", tmp_path / "truth")
    files = list((tmp_path / "out").iterdir())
    assert len(files) == 1_000
    assert sum(path.read_bytes().count(b"\n") for path in files) == summary["lines"]
