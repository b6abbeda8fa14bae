"""What an impression leaves with is what a plain search of all events finds, in any order of arrival."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality import plain_behaviour as plain
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.frames import Frame, decode
from udfs.hashing import hash32
from udfs.joining.joiner import UNIT, Joiner
from udfs.schema import (
    Count,
    EventType,
    FeatureSet,
    Feedback,
    Field,
    History,
    Join,
    JoinedLabel,
    Label,
    Match,
    Model,
    Plan,
    Rate,
    Since,
    Timestamp,
)

LATENESS = 20 * UNIT
TYPES = ("view", "click", "search")
FEATURES = FeatureSet(
    seed=5,
    features={
        "last_items": History(field="item", events=("click",), last=3),
        "last_queries": History(field="query", events=("search", "view"), last=2),
        "clicks": Count(events=("click",), within=48 * UNIT),
        "views": Count(events=("view", "click"), within=160 * UNIT + 5),
        "click_rate": Rate(events=("click",), per=("view",), half_life=30 * UNIT, prior=0.1, strength=3.0),
        "since_click": Since(events=("click",)),
        "since_search": Since(events=("search",)),
    },
)


def make_plan(max_users: int = 1000) -> Plan:
    names = ("id", "user", "impression", "item", "query")
    fields = tuple(Field(name=name, type="categorical", path=(name,)) for name in names)
    when = Timestamp(path=("t",), unit="us", earliest=0, latest=1 << 60)
    return Plan(
        events=tuple(
            EventType(
                name=name,
                match=Match(path=("type",), values=(name,)),
                fields=fields,
                timestamp=when,
                id=("id",),
                user="user",
            )
            for name in TYPES
        ),
        features=FEATURES,
        models=(
            Model(name="m", learner="ftrl", features=tuple(FEATURES.features), label=Label(joined="clicked")),
            Model(name="again", learner="ftrl", features=("clicks",), label=Label(joined="clicked_twice")),
        ),
        join=Join(
            impression="view",
            feedback=(Feedback(event="click", by="impression", within=60 * UNIT),),
            labels=(
                JoinedLabel(name="clicked", feedback={"click": 1.0}, window=40 * UNIT),
                JoinedLabel(name="clicked_twice", feedback={"click": 1.0}, window=64 * UNIT),
            ),
            max_users=max_users,
        ),
        buckets=1,
    )


PLAN = make_plan()
LAYOUT = Layout.of(PLAN)
PACKER = Packer(LAYOUT, lambda _: ())


def make_events(seed: int, users: int = 4) -> list[dict[str, Any]]:
    """Return events of a few users, all times within some minutes, many of them equal."""
    draw = random.Random(seed)
    return [
        {
            "type": draw.choice(TYPES),
            "id": f"e{number}",
            "user": f"u{draw.randrange(users)}",
            "impression": f"m{draw.randrange(30)}",
            "item": draw.choice(("", "a", "b", "c", "é")),
            "query": draw.choice((None, "red shoes", "x")),
            "t": draw.randrange(1, 200) * UNIT + draw.choice((0, 0, 1, 500_000)),
        }
        for number in range(150)
    ]


def frame_of(events: list[dict[str, Any]]) -> Frame:
    lines = [json.dumps(event).encode() for event in events]
    ends = np.cumsum([0, *map(len, lines)]).astype(np.int64)
    bounds, data = np.stack((ends[:-1], ends[1:]), axis=1), np.frombuffer(b"".join(lines), np.uint8)
    zeros = np.zeros(len(lines), np.uint16)
    packed = PACKER.pack(data, bounds, zeros, np.arange(len(lines)), ("a",), ("a",), 1)[0]
    assert packed is not None
    return decode(packed)


def arrivals(events: list[dict[str, Any]], seed: int) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Yield events in some order that respects the lateness, with the time before which nothing comes any more."""
    draw = random.Random(seed)
    left = sorted(events, key=lambda event: event["t"] + draw.randrange(LATENESS))
    clock = 0
    while left:
        size = draw.randrange(1, 25)
        yield left[:size], max(0, clock - LATENESS)
        clock = max(clock, *(event["t"] for event in left[:size]))
        left = left[size:]


def left(rows: Frame) -> Iterator[tuple[int, tuple[list[float], list[list[int]]]]]:
    """Yield each row's id, its numbers and its histories."""
    for row in range(rows.n):
        numbers = rows.columns["number"][row].tolist()
        histories = [rows.ragged[f"multiple.{name}"].row(row).tolist() for name in LAYOUT.histories]
        yield int(rows.columns["id"][row, 0]), (numbers, histories)


def run(
    events: list[dict[str, Any]], order: int, restore: bool = False, plan: Plan = PLAN
) -> tuple[list[Any], list[Frame], Joiner]:
    """Return what each example of each label left with, the rows, and the joiner."""
    layout = Layout.of(plan)
    assert plan.join is not None
    joiner, rows = Joiner(layout, plan.join), list[Frame]()
    found: list[Any] = []

    def take(joined: Any) -> None:
        for one in joined:
            rows.append(joiner.complete(one.rows))
            found.extend((one.label, *example) for example in left(rows[-1]))

    for batch, low in arrivals(events, order):
        take(joiner.advance(low))
        joiner.take(frame_of(batch), np.ones(len(batch), np.bool_))
        if restore:
            parts = [bytes(part) for part in joiner.dump()]
            joiner = Joiner(layout, plan.join)
            joiner.load(parts)
    take(joiner.flush())
    return found, rows, joiner


def expected(events: list[dict[str, Any]]) -> dict[int, tuple[list[float], list[list[int]]]]:
    """Return the numbers and the histories of every impression, by its id, by the definition."""
    ids = frame_of(events).columns["id"][:, 0].tolist()
    by_user: dict[str, list[plain.Event]] = defaultdict(list)
    for event, order in zip(events, ids, strict=True):
        by_user[event["user"]].append(plain.Event(event["t"], order, event["type"], event))
    result = {}
    for event, order in zip(events, ids, strict=True):
        if event["type"] == "view":
            of, moment = by_user[event["user"]], event["t"]
            clicks, views, searches = (plain.before(of, moment, [name]) for name in ("click", "view", "search"))
            numbers = [
                plain.count(clicks, moment, 48 * UNIT),
                plain.count(clicks + views, moment, 160 * UNIT + 5),
                plain.rate(clicks, views, moment, 30 * UNIT, 0.1, 3.0),
                plain.since(clicks, moment),
                plain.since(searches, moment),
            ]
            items = plain.history(clicks, "item", 3)
            queries = plain.history(plain.before(of, moment, ["search", "view"]), "query", 2)
            result[order] = (
                numbers,
                [
                    [hash32(value, FEATURES.seed_of(name)) for value in values]
                    for name, values in (("last_items", items), ("last_queries", queries))
                ],
            )
    return result


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_equal_to_the_definition_in_any_order_of_arrival(seed: int, order: int) -> None:
    events = make_events(seed)
    found, _, joiner = run(events, order)
    wanted = expected(events)
    assert sorted((label, id) for label, id, _ in found) == sorted((label, id) for label in (0, 1) for id in wanted)
    for _, id, (numbers, histories) in found:
        np.testing.assert_allclose(numbers, wanted[id][0], rtol=1e-12, atol=1e-12)
        assert histories == wanted[id][1]
    assert joiner.state["behaviour_behind"] == joiner.state["users_forgotten"] == 0
    assert joiner.state["users"] == 4


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 1000), order=st.integers(0, 1000))
def test_the_order_of_arrival_and_restores_change_no_bit(seed: int, order: int) -> None:
    events = make_events(seed)
    calm, _, one = run(events, order)
    shaken, _, other = run(events, order, restore=True)
    assert repr(shaken) == repr(calm)
    assert b"".join(map(bytes, other.dump())) == b"".join(map(bytes, one.dump()))
    assert sorted(map(repr, run(events, order + 1)[0])) == sorted(map(repr, calm))


@pytest.mark.parametrize("order", [1, 2])
def test_who_is_forgotten_at_the_bound_does_not_depend_on_arrival(order: int) -> None:
    events = make_events(3, users=60)
    found, _, joiner = run(events, order, plan=make_plan(max_users=16))
    assert joiner.state["users_forgotten"] > 20
    assert joiner.state["users"] <= 16
    assert sorted(map(repr, found)) == sorted(map(repr, run(events, 3, plan=make_plan(max_users=16))[0]))
    wanted = expected(events)
    known = [numbers for _, id, (numbers, _) in found if not math.isnan(wanted[id][0][3])]
    assert any(math.isnan(numbers[3]) for numbers in known)


def test_rows_that_ride_along_carry_the_strings_and_numbers_that_their_slots_come_from() -> None:
    events = [event | {"user": f"u{number % 400}"} for number, event in enumerate(make_events(1) * 20)]
    events = [event | {"id": f"e{number}", "t": 1 + number * UNIT // 50} for number, event in enumerate(events)]
    _, rows, _ = run(events, 1)
    compared = 0
    for frame in rows:
        for row in np.flatnonzero(np.diff(frame.ragged["sample"].pointers)).tolist():
            fields = json.loads(frame.ragged["sample"].bytes_at(row))
            (_, (numbers, histories)), *_ = left(frame.slice(row, row + 1))
            for name, hashes in zip(LAYOUT.histories, histories, strict=True):
                assert [hash32(value, FEATURES.seed_of(name)) for value in fields[name]] == hashes
                compared += len(hashes)
            found = [fields.get(name, math.nan) for name in LAYOUT.behaviour]
            np.testing.assert_array_equal(found, numbers)
    assert compared > 5
