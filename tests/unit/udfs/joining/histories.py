"""Short histories of a few users, joined by the joiner in any order of arrival, and by going through everything."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, Ragged
from udfs.joining.examples import Joined
from udfs.joining.joiner import UNIT, Joiner
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


def answers_of(events: list[Event], join: Join) -> dict[int, list[tuple[int, str]]]:
    """Return of each impression, by its id, the times and types of what answers it, in order."""
    shown = [event for event in events if event.type == 0]
    answers: dict[int, list[tuple[int, str]]] = {event.id: [] for event in shown}
    for event in sorted((e for e in events if 0 < e.type <= len(join.feedback)), key=lambda e: (e.time, e.id)):
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
            answers[found.id].append((max(event.time, found.time), NAMES[event.type]))
    return answers


class Came(NamedTuple):
    """What came of an impression for a label: times and weights of feedback within its window, and after it."""

    label: JoinedLabel
    begin: int
    within: list[tuple[int, float]]
    after: list[tuple[int, float]]


def came(shown: Event, answers: list[tuple[int, str]], join: Join) -> Iterator[Came]:
    """Yield what came of an impression for each label, by its answers in order."""
    firsts: dict[str, int] = {}
    for label in join.labels:
        if label.population is not None and label.population not in firsts:
            continue
        start = firsts[str(label.population)] if label.start == "feedback" else 0
        begin = answers[start][0] if label.start == "feedback" else shown.time
        counts = [(i, *answers[i]) for i in range(start, len(answers)) if answers[i][1] in label.feedback]
        within = [i for i, time, _ in counts if time <= begin + label.window]
        if within:
            firsts[label.name] = within[0]
        weighted = [(time, label.feedback[name]) for _, time, name in counts]
        yield Came(label, begin, weighted[: len(within)], weighted[len(within) :])


def brute(events: list[Event], join: Join) -> set[tuple[str, int, float, float]]:
    """Return (label, id, value, weight) of every example, by going through everything for everything."""
    answers = answers_of(events, join)
    return {
        (label.name, event.id, float(bool(within)), max((weight for _, weight in within), default=1.0))
        for event in events
        if event.type == 0
        for label, _, within, _ in came(event, answers[event.id], join)
    }


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
