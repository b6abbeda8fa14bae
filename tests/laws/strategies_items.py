"""Examples of a few items as [user] sends them to [item], and what each has to find by the definition."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.quality import plain_behaviour as plain
from udfs.frames import Frame, Kind, Ragged
from udfs.joining.examples import AGAIN
from udfs.schema import (
    Count,
    EventType,
    Feature,
    FeatureSet,
    Feedback,
    Field,
    Items,
    Join,
    JoinedLabel,
    Label,
    Model,
    Plan,
    Rate,
    Since,
    Timestamp,
)

UNIT = 1_000_000
WINDOW = 64 * UNIT
STEP = 8 * UNIT
"""Twice the window, in sixteen steps."""
FEATURES: dict[str, Feature] = {
    "since": Since(of="item", events=("click",)),
    "rate": Rate(of="item", events=("click",), per=("view",), half_life=40 * UNIT, prior=0.25, strength=2.0),
    "shown": Count(of="item", events=("view",), within=160 * UNIT + 5),
    "clicks": Count(of="item", events=("click",), within=64 * UNIT),
}
NEVER = [0.0, 0.0, 0.25, np.nan]


class Example(NamedTuple):
    """An example: whose item, when its impression was shown, whether it is positive, and its turn."""

    item: int
    time: int
    positive: bool
    turn: int = 0


def plan_of(max_items: int = 1000, **label: object) -> Plan:
    """Return a plan of one model whose label is described by ``label``."""
    fields = tuple(Field(name=name, type="categorical", path=(name,)) for name in ("user", "item"))
    when = Timestamp(path=("t",), unit="us", earliest=0, latest=1 << 60)
    described = {"name": "clicked", "feedback": {"click": 1.0}, "window": WINDOW, **label}
    return Plan(
        events=tuple(EventType(name=name, fields=fields, timestamp=when, user="user") for name in ("view", "click")),
        features=FeatureSet(seed=1, features=FEATURES),
        models=(Model(name="m", learner="ftrl", features=tuple(FEATURES), label=Label(joined="clicked")),),
        join=Join(
            impression="view",
            feedback=(Feedback(event="click", by="item", within=3 * WINDOW),),
            labels=(JoinedLabel(**described),),  # type: ignore[arg-type]
            items=Items(max_items=max_items),
        ),
        buckets=1,
    )


def frame_of(examples: Sequence[Example], sample: bytes = b"") -> Frame:
    """Return examples as a frame; each has the same cleaned fields."""
    n = len(examples)
    item, time, positive, turn = zip(*examples, strict=True)
    columns = {
        "item": np.array(item, np.uint64),
        "time": np.array(time, np.int64),
        "label": np.array(positive, np.float64),
        "number": np.ones((n, 1)),
    }
    if any(turn):
        columns["turn"] = np.array(turn, np.uint8)
    return Frame(Kind.EXAMPLES, n, {"now": 0}, columns, {"sample": Ragged.of_bytes([sample] * n)})


def make_examples(seed: int, items: int = 3, n: int = 150) -> list[Example]:
    """Return examples in the order in which they are decided, from users' buckets that are behind each other."""
    draw = random.Random(seed)
    begin = 1_700_000_000 * UNIT
    drawn = [Example(draw.randrange(items), begin + draw.randrange(400 * UNIT), draw.random() < 0.4) for _ in range(n)]
    return sorted(drawn, key=lambda one: one.time + draw.randrange(WINDOW // 4))


def expected(examples: Iterable[Example], item: int, shown: int) -> list[float]:
    """Return what an example finds: all that was decided before it was shown, in whole steps, by the definition."""
    moment = (shown - WINDOW) // STEP * STEP
    mine = [one for one in examples if one.item == item and one.turn != AGAIN and one.time // STEP * STEP < moment]
    views = sorted((plain.Event(one.time // STEP * STEP, 0, "view", {}) for one in mine), reverse=True)
    clicked = (one for one in mine if one.positive)
    clicks = sorted((plain.Event(one.time // STEP * STEP, 0, "click", {}) for one in clicked), reverse=True)
    if item == 0:
        return NEVER
    return [
        plain.count(views, moment, 160 * UNIT + 5),
        plain.count(clicks, moment, 64 * UNIT),
        plain.rate(clicks, views, moment, 40 * UNIT, 0.25, 2.0),
        plain.since(clicks, moment),
    ]
