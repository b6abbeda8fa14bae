"""A shop whose models see behaviour, and frames of its events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, Ragged
from udfs.joining.joiner import UNIT
from udfs.schema import (
    Count,
    EventType,
    Feature,
    FeatureSet,
    Feedback,
    Field,
    History,
    Join,
    JoinedLabel,
    Label,
    Model,
    Plan,
    Rate,
    Since,
    Timestamp,
)
from udfs.types import Arrays

FEATURES: dict[str, Feature] = {
    "since": Since(events=("click",)),
    "last": History(field="item", events=("click",), last=3),
    "rate": Rate(events=("click",), per=("view",), half_life=8 * UNIT, prior=0.25, strength=2.0),
    "count": Count(events=("click", "view"), within=16 * UNIT),
}
JOIN = Join(
    impression="view",
    feedback=(Feedback(event="click", by="item", within=60 * UNIT),),
    labels=(JoinedLabel(name="clicked", feedback={"click": 1.0}, window=320 * UNIT),),
)
NAMES = ("view", "click")
VIEW, CLICK = range(2)


def layout(features: dict[str, Feature] = FEATURES) -> Layout:
    fields = tuple(Field(name=name, type="categorical", path=(name,)) for name in ("user", "item"))
    when = Timestamp(path=("t",), unit="us", earliest=0, latest=1 << 60)
    return Layout.of(
        Plan(
            events=tuple(EventType(name=name, fields=fields, timestamp=when, user="user") for name in NAMES),
            features=FeatureSet(seed=1, features=features),
            models=(Model(name="m", learner="ftrl", features=tuple(features), label=Label(joined="clicked")),),
            join=JOIN,
            buckets=1,
        )
    )


class Event(NamedTuple):
    """An event; of its item, which clicks add to a history, the hash."""

    type: int
    time: int
    user: int = 1
    item: int = 0


def frame(events: Sequence[Event]) -> Frame:
    n = len(events)
    columns: Arrays = {
        "id": np.arange(2 * n, dtype=np.uint64).reshape(n, 2),
        "time": np.array([event.time for event in events], np.int64),
        "type": np.array([event.type for event in events], np.uint8),
        "user": np.array([event.user for event in events], np.uint64),
        "number": np.zeros((n, 0)),
    }
    added = [event.type == CLICK and event.item > 0 for event in events]
    pointers = np.cumsum([0, *added]).astype(np.uint32)
    values = np.array([event.item for event, there in zip(events, added, strict=True) if there], np.uint32)
    ragged = {"multiple.last": Ragged(pointers, values), "sample": Ragged.of_bytes([b""] * n)}
    return Frame(Kind.EVENTS, n, {}, columns, ragged)
