from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.faults import BITS, NullField, PartitionClock, UnitChange, UserClock
from simulator.span import DAY_MS, HOUR_MS
from tests.unit.simulator.runs import SHOP, Written, faulty, likely, number, write

Events = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(tmp_path_factory.mktemp("clean"), SHOP)


def changed(before: Written, after: Written, field: str) -> tuple[Events, Events]:
    """The events in which a field differs; all other fields must be the same."""
    old, new = before.by_id(), after.by_id()
    assert old
    assert set(old) == set(new)
    names = [name for name in old if old[name] != new[name]]
    assert all(old[name] | {field: None} == new[name] | {field: None} for name in names)
    return {name: old[name] for name in names}, {name: new[name] for name in names}


def in_span(event: dict[str, Any], start: float, stop: float) -> bool:
    return start * DAY_MS <= int(event["ts"]) - SHOP.start_ms < stop * DAY_MS


@pytest.mark.parametrize("field", ["category", "device", "query", "price"])
def test_a_field_is_null_for_a_while(clean: Written, tmp_path: Path, field: str) -> None:
    after = write(tmp_path, faulty(nulls=(NullField(start=0.5, stop=1, field=field),)))
    old, new = changed(clean, after, field)
    held = [e for e in clean.events("impression") if in_span(e, 0.5, 1)]
    assert {e["event_id"] for e in held} == set(new)
    assert {event[field] for event in new.values()} == {None}
    assert len(old) == after.summary["spans"][0]["events"] == np.count_nonzero(after.truth["impression_faults"])


def test_prices_are_in_cents_for_a_while(clean: Written, tmp_path: Path) -> None:
    after = write(tmp_path, faulty(units=(UnitChange(start=0.5, stop=0.8), UnitChange(start=0.7, stop=1))))
    old, new = changed(clean, after, "price")
    assert set(old) == {e["event_id"] for e in clean.events("impression") if in_span(e, 0.5, 1)}
    assert all(new[name]["price"] == pytest.approx(100 * old[name]["price"]) for name in old)


def test_clocks_of_some_people_are_off(clean: Written, tmp_path: Path) -> None:
    clock = UserClock(start=0.5, stop=1.5, share=0.1, hours=-30)
    after = write(tmp_path, faulty(user_clocks=(clock,)))
    old, new = changed(clean, after, "ts")
    assert {new[name]["ts"] - old[name]["ts"] for name in old} == {-30 * HOUR_MS}
    users = {event["user"] for event in old.values()}
    held = [e for e in clean.events() if in_span(e, 0.5, 1.5)]
    assert {e["event_id"] for e in held if e["user"] in users} == set(old)
    assert likely(len(users), len({e["user"] for e in held}), 0.1)
    marked = after.truth["impression_faults"] == BITS["user_clock"]
    assert {number(e["impression_id"]) for e in old.values() if e["type"] == "impression"} == set(
        np.flatnonzero(marked).tolist()
    )


def test_the_clock_of_a_partition_is_off(clean: Written, tmp_path: Path) -> None:
    after = write(tmp_path, faulty(partition_clocks=(PartitionClock(start=0, stop=2, partition=1, hours=5),)))
    old, new = changed(clean, after, "ts")
    assert {new[name]["ts"] - old[name]["ts"] for name in old} == {5 * HOUR_MS}
    lines = b"".join(clean.files[f"events-01-0000{part}.ndjson"] for part in range(3)).splitlines()
    ids = {event["event_id"] for event in map(json.loads, lines) if in_span(event, 0, 2)}
    assert ids == set(old)
    assert after.summary["spans"][0]["events"] == len(old)


def test_single_events_are_far_in_the_past_or_the_future(clean: Written, tmp_path: Path) -> None:
    after = write(tmp_path, faulty(far_clock=0.01, far_days=1_000))
    old, new = changed(clean, after, "ts")
    off = np.array([new[name]["ts"] - old[name]["ts"] for name in old]) / DAY_MS
    assert ((np.abs(off) >= 0.999) & (np.abs(off) <= 1_000)).all()
    assert likely(int((off > 0).sum()), len(off), 0.5)
    assert likely(len(off), len(clean.events()), 0.01)
    assert after.summary["far_clock"] == len(off)


def test_faults_change_no_truth_but_that_they_are_marked(clean: Written, tmp_path: Path) -> None:
    after = write(tmp_path, faulty(duplicates=0.1, late=0.1, corrupt=0.1, reordered=0.5, far_clock=0.1))
    marks = {"impression_faults", "feedback_faults"}
    assert all(np.array_equal(after.truth[name], clean.truth[name]) for name in set(clean.truth) - marks)
    assert not any(clean.truth[name].any() for name in marks)
    assert all(after.truth[name].any() for name in marks)
