"""Batches that are assembled from frames hold what the definition of features says, row by row."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pytest

from udfs.decode.layout import Layout
from udfs.decode.line import read_line
from udfs.decode.pack import Packer
from udfs.features import Space
from udfs.features.assemble import Assembler
from udfs.features.values import coordinates, hashes
from udfs.frames import Kind, decode
from udfs.schema import (
    Categorical,
    CharNGrams,
    Cross,
    EventType,
    Feature,
    FeatureSet,
    Field,
    Label,
    ListOf,
    Model,
    Number,
    Plan,
    TimePart,
    Timestamp,
    Tokens,
    Vector,
)
from udfs.stages.selector import number_columns
from udfs.stages.stage import Route
from udfs.stages.user import make_user_stage

FIELDS = (
    *(Field(name=f"c{i}", type="categorical", path=(f"c{i}",)) for i in range(70)),
    *(Field(name=f"n{i}", type="number", path=(f"n{i}",)) for i in range(3)),
    Field(name="t", type="text", path=("t",)),
    Field(name="l", type="list", path=("l",)),
    Field(name="v", type="vector", path=("v",), length=2),
    Field(name="w", type="vector", path=("w",), length=3),
)
POOL: dict[str, Feature] = {
    **{f"c{i}": Categorical(field=f"c{i}") for i in range(70)},
    "n0": Number(field="n0"),
    "n1": Number(field="n1", log=True),
    "n1_plain": Number(field="n1"),
    "n2": Number(field="n2", standardise=False),
    "tokens": Tokens(field="t"),
    "grams": CharNGrams(field="t", n=2),
    "list": ListOf(field="l"),
    "v": Vector(field="v", length=2),
    "w": Vector(field="w", length=3),
    "hour": TimePart(part="hour", offset_minutes=-210),
    "weekday": TimePart(part="weekday", offset_minutes=60),
    "cross": Cross(of=("c1", "c69")),
    "three": Cross(of=("hour", "c2", "weekday")),
    "twice": Cross(of=("c1", "c1")),
}


def plan(draw: random.Random) -> Plan:
    def model(name: str) -> Model:
        names = draw.sample(list(POOL), draw.randrange(1, 30))
        return Model(name=name, learner="linear", features=tuple(names), label=Label(field="n0"), weight="n2")

    return Plan(
        events=(
            EventType(
                name="e",
                fields=FIELDS,
                timestamp=Timestamp(path=("at",), unit="us", earliest=-(1 << 60), latest=1 << 60),
            ),
        ),
        features=FeatureSet(seed=9, features=POOL),
        models=(model("a"), model("b")),
        buckets=1,
    )


def line(draw: random.Random, number: int) -> bytes:
    def text() -> str:
        return draw.choice(("a", "b", "red shoes", "", "手机 壳", "x  y"))

    values: dict[str, Any] = {f"c{i}": text() for i in range(70) if draw.random() < 0.7}
    values |= {f"n{i}": draw.choice((0, -1.5, 1e9, 3)) for i in range(3) if draw.random() < 0.7}
    values |= {"t": text(), "l": [text() for _ in range(draw.randrange(4))], "at": draw.randrange(-(10**16), 10**16)}
    values |= {"v": [0.1, number]} if draw.random() < 0.5 else {}
    values |= {"w": [1, 2, 1 / 3], "n0": number} if draw.random() < 0.5 else {"n0": number}
    return msgspec.json.encode(values)


@pytest.mark.parametrize("seed", range(25))
def test_a_batch_equals_the_definition(seed: int) -> None:
    draw = random.Random(seed)
    described = plan(draw)
    layout = Layout.of(described)
    records = [line(draw, i) for i in range(12)]
    ends = np.cumsum([0, *map(len, records)]).astype(np.int64)
    bounds = np.stack((ends[:-1], ends[1:]), axis=1)
    data, zeros = np.frombuffer(b"".join(records), np.uint8), np.zeros(12, np.uint16)
    (packed,) = (
        f for f in Packer(layout, lambda _: ()).pack(data, bounds, zeros, np.arange(12), ("a/0",), ("a",), 1) if f
    )
    outputs = [o for o in make_user_stage(described, 0).process(decode(packed)) if o.route == Route.NEXT]
    assert [o.key for o in outputs] == [0, 1]
    for model, output in zip(described.models, outputs, strict=True):
        frame = decode(output.payload)
        assert (frame.kind, frame.n) == (Kind.EXAMPLES, 12)
        space = Space.of(layout.features, model.features)
        numbers = tuple(layout.numbers[i] for i in number_columns(layout, model))
        batch = Assembler(space, layout.singles, numbers).batch(frame)
        for i, record in enumerate(records):
            event = read_line(record, described, (), "a", 1)
            entries = slice(int(batch.indptr[i]), int(batch.indptr[i + 1]))
            found = Counter(zip(batch.field[entries].tolist(), batch.slot[entries].tolist(), strict=True))
            expected = Counter(
                (place, value)
                for place, name in enumerate(space.hashed)
                for value in hashes(space.features, name, event.values, event.time)
            )
            assert found == expected
            dense = [x for name in space.dense for x in coordinates(space.features, name, event.values)]
            np.testing.assert_allclose(batch.dense[i], dense, rtol=1e-6)
            assert batch.label[i] == i
            assert batch.weight[i] == event.values.get("n2", 1.0)
            assert batch.time[i] == event.time
        assert (batch.value == 1).all()
        part = batch.slice(3, 7)
        assert part.slot.tolist() == batch.slot[batch.indptr[3] : batch.indptr[7]].tolist()
        assert np.diff(part.indptr).tolist() == np.diff(batch.indptr)[3:7].tolist()
        assert len(part) == 4


def test_missing_numbers_are_nan() -> None:
    assert math.isnan(coordinates(FeatureSet(seed=1, features=POOL), "n0", {})[0])
