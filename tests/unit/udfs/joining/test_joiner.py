"""The joiner equals a plain batch join, whatever the order of arrival, the cuts and the restores."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, Ragged
from udfs.joining.joiner import UNIT, Joined, Joiner
from udfs.schema import EventType, FeatureSet, Feedback, Field, Join, JoinedLabel, Label, Model, Plan, Timestamp
from udfs.types import Arrays

NAMES = ("impression", "click", "cart", "purchase")
JOIN = Join(
    impression="impression",
    feedback=(
        Feedback(event="click", by="impression_id", within=90 * UNIT),
        Feedback(event="cart", by="item", last=True, within=40 * UNIT),
        Feedback(event="purchase", by="impression_id", within=200 * UNIT),
    ),
    labels=(
        JoinedLabel(name="clicked", feedback={"click": 1.0}, window=30 * UNIT),
        JoinedLabel(name="engaged", feedback={"click": 1.0, "cart": 3.0}, window=50 * UNIT),
        JoinedLabel(
            name="bought", feedback={"purchase": 1.0}, window=100 * UNIT, population="clicked", start="feedback"
        ),
        JoinedLabel(name="bought_late", feedback={"purchase": 2.0}, window=150 * UNIT, population="clicked"),
    ),
    early=5 * UNIT,
)
LATENESS = 20 * UNIT


def layout(join: Join = JOIN) -> Layout:
    fields = tuple(Field(name=name, type="categorical", path=(name,)) for name in ("impression_id", "item", "user"))
    timestamp = Timestamp(path=("t",), unit="us", earliest=0, latest=1 << 60)
    plan = Plan(
        events=tuple(EventType(name=name, fields=fields, timestamp=timestamp, user="user") for name in NAMES),
        features=FeatureSet(seed=1, features={}),
        models=(Model(name="ctr", learner="ftrl", features=(), label=Label(joined="clicked")),),
        join=join,
        buckets=1,
    )
    return Layout.of(plan)


class Event(NamedTuple):
    """One event; ``time`` in microseconds."""

    type: int
    time: int
    id: int
    impression: int
    item: int
    user: int


def frame(events: list[Event]) -> Frame:
    n = len(events)
    columns: Arrays = {
        "id": np.array([(event.id, 0) for event in events], np.uint64).reshape(n, 2),
        "time": np.array([event.time for event in events], np.int64),
        "part": np.zeros(n, np.uint16),
        "type": np.array([event.type for event in events], np.uint8),
        "ref": np.array([(event.impression, event.item) for event in events], np.uint64).reshape(n, 2),
        "user": np.array([event.user for event in events], np.uint64),
    }
    return Frame(Kind.EVENTS, n, {"parts": ["a/0"]}, columns, {"sample": Ragged.of_bytes([b""] * n)})


def make_events(seed: int) -> list[Event]:
    """Return events of a few users, all times within some minutes, many of them equal."""
    draw = random.Random(seed)
    events, shown = [], []
    for number in range(1, 61):
        time = draw.randrange(1, 300) * UNIT + draw.choice((0, 0, 1, 500_000))
        item, user = draw.randrange(1, 4), draw.randrange(1, 4)
        shown.append(Event(0, time, number, 1000 + number, item, user))
    for number in range(61, 200):
        at = draw.choice(shown)
        kind = draw.randrange(1, 4)
        impression = at.impression if draw.random() < 0.95 else 7
        delay = draw.choice((-9, -3, 0, 1, 10, 30, 31, 60, 100, 160, 250)) * UNIT + draw.choice((0, 0, 1))
        time = max(1, at.time + delay)
        events.append(Event(kind, time, number, impression, at.item, at.user))
    return shown + events


def brute(events: list[Event], join: Join) -> set[tuple[str, int, float, float]]:
    """Return (label, id, value, weight) of every example, by going through everything for everything."""
    shown = [event for event in events if event.type == 0]
    answers: dict[int, list[Event]] = {event.id: [] for event in shown}
    for event in sorted((e for e in events if e.type), key=lambda e: (e.time, e.id)):
        kind = join.feedback[event.type - 1]
        same = [
            e
            for e in shown
            if ((e.item, e.user) == (event.item, event.user) if kind.last else e.impression == event.impression)
        ]
        before = [e for e in same if e.time <= event.time]
        after = [e for e in same if event.time < e.time <= event.time + join.early and not kind.last]
        found = max(before, key=lambda e: (e.time, e.id)) if before else None
        found = found or (min(after, key=lambda e: (e.time, e.id)) if after else None)
        if found and max(event.time, found.time) - found.time <= kind.within:
            answers[found.id].append(event)
    result = set()
    for e in shown:
        firsts: dict[str, int] = {}
        weights: dict[str, list[float]] = {label.name: [] for label in join.labels}
        for f in answers[e.id]:
            time = max(f.time, e.time)
            for label in join.labels:
                begin = firsts.get(str(label.population), 1 << 62) if label.start == "feedback" else e.time
                if NAMES[f.type] in label.feedback and begin <= time <= begin + label.window:
                    firsts.setdefault(label.name, time)
                    weights[label.name].append(label.feedback[NAMES[f.type]])
        for label in join.labels:
            if label.population is None or label.population in firsts:
                came = weights[label.name]
                result.add((label.name, e.id, float(bool(came)), max(came, default=1.0)))
    return result


def arrivals(events: list[Event], seed: int) -> Iterator[tuple[list[Event], int]]:
    """Yield frames in some order that respects the lateness, each with the time before which nothing comes any more."""
    draw = random.Random(seed)
    left = sorted(events, key=lambda event: event.time + draw.randrange(LATENESS))
    clock = 0
    while left:
        size = draw.randrange(1, 25)
        low = max(0, clock - LATENESS)
        yield left[:size], low
        clock = max(clock, *(event.time for event in left[:size]))
        left = left[size:]


def examples(joined: list[Joined], join: Join) -> list[tuple[str, int, float, float]]:
    return [
        (join.labels[label].name, int(rows.columns["id"][i, 0]), float(value[i]), float(weight[i]))
        for label, rows, value, weight in joined
        for i in range(rows.n)
    ]


def run(
    events: list[Event], seed: int, join: Join = JOIN, restore: bool = False, cut: int = 0
) -> tuple[list[Joined], Joiner]:
    described, draw = layout(join), random.Random(cut)
    joiner = Joiner(described, join)
    out: list[Joined] = []
    for batch, low in arrivals(events, seed):
        cuts = sorted({0, len(batch), *(draw.randrange(len(batch) + 1) for _ in range(3 if cut else 0))})
        for start, stop in itertools.pairwise(cuts):
            out += joiner.advance(low)
            joiner.take(frame(batch[start:stop]), np.ones(stop - start, np.bool_))
            if restore:
                parts = [bytes(part) for part in joiner.dump()]
                joiner = Joiner(described, join)
                joiner.load(parts)
    out += joiner.flush()
    return out, joiner


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_equal_to_a_batch_join_in_any_order_of_arrival(seed: int, order: int) -> None:
    events = make_events(seed)
    joined, joiner = run(events, order)
    found = examples(joined, JOIN)
    assert len(found) == len(set(found))
    assert set(found) == brute(events, JOIN)
    state = joiner.state
    assert state["waiting"] == state["pending"] == state["forgotten"] == 0
    assert state.get("behind", 0) == 0
    assert state["answered"] + state["late"] + state["unknown"] == sum(event.type > 0 for event in events)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), cut=st.integers(1, 1000))
def test_cuts_and_restores_leave_no_trace(seed: int, cut: int) -> None:
    events = make_events(seed)
    calm, one = run(events, seed)
    for joined, other in (run(events, seed, cut=cut), run(events, seed, restore=True, cut=cut)):
        assert examples(joined, JOIN) == examples(calm, JOIN)
        assert b"".join(map(bytes, other.dump())) == b"".join(map(bytes, one.dump()))


def test_each_label_leaves_in_the_order_of_time() -> None:
    joined, _ = run(make_events(3), 4)
    for label in (0, 1):
        times = np.concatenate([rows.columns["time"] for number, rows, _, _ in joined if number == label])
        assert (np.diff(times) >= 0).all()


@pytest.mark.parametrize("cut", [0, 5])
def test_what_the_bounds_cost_is_counted(cut: int) -> None:
    tight = Join(
        impression="impression", feedback=JOIN.feedback, labels=JOIN.labels[:1], max_waiting=20, max_feedback=20
    )
    events = make_events(1)
    joined, joiner = run(events, 2, tight, cut=cut)
    found, state = examples(joined, tight), joiner.state
    assert state["forgotten"] > 0
    assert state["feedback_given_up"] > 0
    assert len(found) + state["given_up"] == 60
    assert {(name, id) for name, id, _, _ in found} <= {(name, id) for name, id, _, _ in brute(events, tight)}
    assert examples(run(events, 2, tight)[0], tight) == found


def test_an_impression_behind_the_time_is_counted_and_not_learned() -> None:
    joiner = Joiner(layout(), JOIN)
    assert list(joiner.advance(100 * UNIT)) == []
    joiner.take(frame([Event(0, 99 * UNIT, 1, 1, 1, 1), Event(0, 100 * UNIT, 2, 2, 1, 1)]), np.ones(2, np.bool_))
    assert joiner.state["behind"] == 1
    assert {id for _, id, _, _ in examples(list(joiner.flush()), JOIN)} == {2}
