"""Example frames of one model, as [user] sends them, from traffic that a break can be put into."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.quality.traffic import Examples
from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind
from udfs.schema import (
    BreakerRules,
    Categorical,
    EventType,
    FeatureSet,
    Field,
    Label,
    Model,
    Number,
    Plan,
    Timestamp,
)

NUMBERS = ("price", "stock", "rating")
SINGLES = tuple(f"feature_{i}" for i in range(10))


def plan_of(bounded: bool = True, **model: Any) -> Plan:
    """Return a plan of one model of ten categories and three numbers."""
    fields = [Field(name=name, type="categorical", path=(name,)) for name in (*SINGLES, "id", "click")]
    fields += [Field(name=name, type="number", path=(name,)) for name in NUMBERS]
    singles = {name: Categorical(field=name) for name in SINGLES}
    features = FeatureSet(seed=1, features={**singles, **{name: Number(field=name) for name in NUMBERS}})
    given: dict[str, Any] = {"breaker": BreakerRules(), "snapshot_examples": 10_000, **model}
    label = Label(field="click", positive=("1",))
    one = Model(
        name="ctr", learner="ftrl", options={"bits": 8}, features=tuple(features.features), label=label, **given
    )
    event = EventType(
        name="shown", fields=tuple(fields), timestamp=Timestamp(path=("t",), unit="s", earliest=0, latest=1 << 60)
    )
    return Plan(events=(event,), features=features, models=(one,), buckets=2, bounded=bounded)


def layout_of(plan: Plan) -> Layout:
    return Layout.of(plan)


def frame_of(e: Examples, first: int = 0, now: int = 0) -> Frame:
    """Return examples as a frame; ``first`` is the number of the first of them."""
    n = len(e)
    numbers = np.arange(first, first + n)
    present = (e.present.astype(np.uint64) << np.arange(e.present.shape[1], dtype=np.uint64)).sum(axis=1)
    columns = {
        "id": np.stack((numbers, numbers), axis=1).astype(np.uint64),
        "time": e.time,
        "offset": numbers.astype(np.int64),
        "part": e.part,
        "single": e.present.astype(np.uint32) * np.arange(1, 11, dtype=np.uint32),
        "present": present[:, None].astype(np.uint64),
        "number": e.number,
        "label": e.label,
        "weight": np.ones(n),
    }
    return Frame(Kind.EXAMPLES, n, {"parts": list(e.parts), "now": now}, columns)
