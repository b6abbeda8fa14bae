from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from simulator.dirt import KINDS
from simulator.events import CLICK
from simulator.faults import BITS, Outage
from simulator.ground_truth import GroundTruth
from simulator.span import DAY_MS, HOUR_MS
from simulator.stream import Stream
from tests.unit.simulator.runs import SHOP, Written, faulty, good, likely, number, write

TRANSPORT_MS = 5_000


def behind(written: Written) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """By how many milliseconds each event is behind the newest before it in its partition."""
    found = []
    for partition in range(SHOP.partitions):
        names = sorted(name for name in written.files if name.startswith(f"events-{partition:02d}-"))
        lines = b"".join(written.files[name] for name in names).splitlines()
        ts = np.array([event["ts"] for event in map(good, lines) if event])
        found.append(np.maximum.accumulate(ts) - ts)
    return np.concatenate(found)


def test_without_faults_lines_differ_from_their_order_by_the_transport_only(tmp_path: Path) -> None:
    written = write(tmp_path, SHOP)
    assert 0 < behind(written).max() < TRANSPORT_MS
    assert all(good(line) for line in written.lines())
    assert len(written.by_id()) == len(list(written.lines())) == written.summary["lines"]


def test_reordering_is_bounded(tmp_path: Path) -> None:
    written = write(tmp_path, faulty(reordered=0.3, reorder_seconds=600.0))
    delay = behind(written)
    assert 300_000 < delay.max() < 600_000 + TRANSPORT_MS
    assert likely(written.summary["reordered"], len(delay), 0.3)


def test_late_lines_are_far_behind(tmp_path: Path) -> None:
    written = write(tmp_path, faulty(late=0.01, late_hours=(2.0, 10.0)))
    delay = behind(written)
    assert delay.max() < 10 * HOUR_MS + TRANSPORT_MS
    assert likely(written.summary["late"], len(delay), 0.01)
    # The last lines of the run are late ones alone: they are not behind each other by their delay.
    assert 0.9 * written.summary["late"] < (delay > HOUR_MS).sum() <= written.summary["late"]
    marks = written.truth["impression_faults"] == BITS["late"]
    assert likely(int(marks.sum()), len(marks), 0.01)


def test_duplicates_repeat_events_sometimes_elsewhere(tmp_path: Path) -> None:
    written = write(tmp_path, faulty(duplicates=0.05, elsewhere=0.5))
    places: dict[str, list[str]] = {}
    contents: dict[str, set[bytes]] = {}
    for name in sorted(written.files):
        for line in written.files[name].splitlines():
            event = good(line)
            assert event
            places.setdefault(event["event_id"], []).append(name[7:9])
            contents.setdefault(event["event_id"], set()).add(line)
    repeated = [found for found in places.values() if len(found) > 1]
    assert max(map(len, places.values())) == 2
    assert all(len(lines) == 1 for lines in contents.values())
    assert len(repeated) == written.summary["duplicates"] == written.summary["lines"] - len(places)
    assert likely(len(repeated), len(places), 0.05)
    assert likely(sum(a != b for a, b in repeated), len(repeated), 0.5 * 2 / 3)


def test_corrupt_lines_come_on_top_in_all_kinds(tmp_path: Path) -> None:
    written = write(tmp_path, faulty(corrupt=0.01))
    lines = list(written.lines())
    bad = [line for line in lines if not good(line)]
    summary = written.summary
    assert len(bad) == sum(summary["corrupt"].values())
    assert likely(len(bad), len(lines) - len(bad), 0.01)
    assert len(written.by_id()) == sum(summary["events"].values()) == len(lines) - len(bad)
    assert sum(len(line) > 65_536 for line in bad) == summary["corrupt"]["too_large"]
    assert sum(b"\xff" in line for line in bad) == summary["corrupt"]["not_utf8"]
    assert sum(b"1e999" in line for line in bad) == summary["corrupt"]["not_finite"]
    assert sum(b'"cheap"' in line for line in bad) == summary["corrupt"]["wrong_type"]
    assert all(summary["corrupt"][kind] > 0 for kind in KINDS)
    kinds = Counter(line.split(b'"')[3] for line in bad)
    assert set(kinds) >= {b"search", b"impression", b"click"}


@pytest.mark.parametrize("partition", [1, None])
def test_an_outage_loses_clicks_and_nothing_else(tmp_path: Path, partition: int | None) -> None:
    clean = write(tmp_path / "clean", SHOP)
    written = write(tmp_path / "lost", faulty(outages=(Outage(start=0.6, stop=1.2, partition=partition),)))
    sent, there = clean.by_id(), written.by_id()
    lost = [event for name, event in sent.items() if name not in there]
    assert all(sent[name] == event for name, event in there.items())
    assert {event["type"] for event in lost} == {"click"}
    start, stop = (SHOP.start_ms + day * DAY_MS for day in (0.6, 1.2))
    assert all(start - TRANSPORT_MS <= event["ts"] < stop for event in lost)
    left = [e for e in written.events("click") if start <= e["ts"] < stop - TRANSPORT_MS]
    assert (left == []) == (partition is None)
    assert len(lost) == written.summary["lost"] == written.summary["spans"][0]["events"] > 50
    marked = np.flatnonzero(written.truth["feedback_faults"] & BITS["outage"])
    assert set(marked.tolist()) == {number(event["impression_id"]) for event in lost}
    assert np.array_equal(written.truth["click_time"], clean.truth["click_time"])


def test_no_copy_of_a_click_arrives_in_an_outage(tmp_path: Path) -> None:
    outage = Outage(start=0.5, stop=1.5)
    run = faulty(duplicates=0.5, corrupt=0.2, late=0.2, outages=(outage,))
    with GroundTruth(run, tmp_path) as truth:
        lines = np.concatenate(list(Stream(run).slices(truth)))
    clicks = lines[lines["type"] == CLICK]
    held = outage.holds(clicks["arrival"])
    assert not held.any()
    assert (clicks["corrupt"] > 0).any()
    assert (clicks["arrival"] > outage.stop_ms).any()
    assert truth.summary()["lines"] == len(lines)
