from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from simulator.ground_truth import GroundTruth
from simulator.reference import FAULTS
from simulator.stream import Stream
from tests.unit.simulator.runs import SHOP, write


def test_slices_hold_what_arrived_in_them_in_order(tmp_path: Path) -> None:
    run = FAULTS["all"](SHOP)
    with GroundTruth(run, tmp_path) as truth:
        slices = [events["arrival"] for events in Stream(run).slices(truth)]
    assert len(slices) == len(run.slices) + 1
    for (start, stop), arrival in zip(run.slices, slices, strict=False):
        assert start <= arrival.min()
        assert arrival.max() < stop
    arrival = np.concatenate(slices)
    assert (np.diff(arrival) >= 0).all()
    assert slices[-1].min() >= run.run_ms


def test_an_event_is_bound_to_its_user_who_decides_its_partition(tmp_path: Path) -> None:
    written = write(tmp_path, SHOP)
    partitions: dict[str, set[str]] = {}
    for name, content in written.files.items():
        for user in {line.split(b'"user":"')[1][:8].decode() for line in content.splitlines()}:
            partitions.setdefault(user, set()).add(name[7:9])
    assert {len(found) for found in partitions.values()} == {1}
    assert {name for found in partitions.values() for name in found} == {"00", "01", "02"}


def test_searches_come_before_the_pages_that_answer_them(tmp_path: Path) -> None:
    written = write(tmp_path, SHOP)
    searches = {event["query_id"]: event for event in written.events("search")}
    pages = [event for event in written.events("impression") if event["query_id"]]
    for event in pages:
        search = searches[event["query_id"]]
        assert search["ts"] < event["ts"]
        assert (search["user"], search["query"]) == (event["user"], event["query"])
    assert {event["query_id"] for event in pages} == set(searches)
    unasked = [event["query"] for event in written.events("impression") if not event["query_id"]]
    assert set(unasked) == {""}


def test_a_slice_without_sessions(tmp_path: Path) -> None:
    run = replace(SHOP, impressions=3, slice_impressions=1)
    with GroundTruth(run, tmp_path) as truth:
        lines = sum(map(len, Stream(run).slices(truth)))
    assert lines == truth.summary()["lines"]
