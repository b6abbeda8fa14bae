"""The graph of every feature equals its definition in values.py, on any event, through onnxruntime."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.features import Space, values
from udfs.releases import runtime
from udfs.releases.graph import Graph
from udfs.schema import (
    Categorical,
    CharNGrams,
    Cross,
    Feature,
    FeatureSet,
    ListOf,
    Number,
    TimePart,
    Tokens,
    Vector,
)

HASHED: dict[str, Feature] = {
    "user": Categorical(field="user"),
    "hour": TimePart(part="hour", offset_minutes=-90),
    "weekday": TimePart(part="weekday", offset_minutes=345),
    "tokens": Tokens(field="query"),
    "characters": CharNGrams(field="query", n=1),
    "trigrams": CharNGrams(field="query", n=3),
    "tags": ListOf(field="tags"),
    "user_hour": Cross(of=("user", "hour")),
    "three": Cross(of=("user", "weekday", "scene")),
    "scene": Categorical(field="scene"),
}
DENSE: dict[str, Feature] = {
    "price": Number(field="price"),
    "volume": Number(field="volume", log=True),
    "embedding": Vector(field="embedding", length=3),
}
FEATURES = FeatureSet(seed=5, features=HASHED | DENSE)

text = st.one_of(st.text(max_size=12), st.text(alphabet=" a手🙂\u00a0\t\0\x02", max_size=12))
number = st.floats(allow_nan=False, allow_infinity=False)
event = st.fixed_dictionaries(
    {"timestamp": st.integers(-(2**53), 2**53)},
    optional={
        "user": text,
        "scene": text,
        "query": text,
        "tags": st.lists(text, max_size=4),
        "price": st.one_of(number, st.just(math.nan)),
        "volume": st.one_of(number, st.floats(-1e-6, 1e-6)),
        "embedding": st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
    },
)
events = st.lists(event, max_size=5)


def sum_of_hashes(name: str) -> onnxruntime.InferenceSession:
    graph = Graph(Space.of(FEATURES, (name,)), [{}])
    slots, mask = graph.slots(name, 32)
    present = graph.node("Mul", [graph.cast(slots, np.float64), graph.cast(mask, np.float64)])
    total = graph.node("ReduceSum", [present, graph.constant(np.array([1]))], keepdims=0)
    return runtime.session(graph.finish(total).SerializeToString())


def coordinate(name: str, place: int) -> onnxruntime.InferenceSession:
    space = Space.of(FEATURES, (name,))
    graph = Graph(space, [{"mean": np.full(space.width, 0.25), "scale": np.full(space.width, 2.0)}])
    axis = graph.constant(np.array([1]))
    column = graph.node("Gather", [graph.dense(), graph.constant(np.array(place))], axis=1)
    return runtime.session(
        graph.finish(graph.node("Squeeze", [graph.node("Unsqueeze", [column, axis]), axis])).SerializeToString()
    )


SESSIONS = {name: sum_of_hashes(name) for name in HASHED}
COORDINATES = {(name, i): coordinate(name, i) for name, i in [("price", 0), ("volume", 0), ("embedding", 2)]}


@pytest.mark.parametrize("name", HASHED)
@settings(deadline=None, max_examples=60)
@given(rows=events)
def test_hashes_equal_the_definition(name: str, rows: list[dict[str, Any]]) -> None:
    scores = runtime.score(SESSIONS[name], rows)
    expected = [float(sum(values.hashes(FEATURES, name, row, row["timestamp"]))) for row in rows]
    assert scores.tolist() == expected


@pytest.mark.parametrize(("name", "place"), COORDINATES)
@settings(deadline=None, max_examples=60)
@given(rows=events)
def test_coordinates_equal_the_definition(name: str, place: int, rows: list[dict[str, Any]]) -> None:
    scores = runtime.score(COORDINATES[name, place], rows)
    raw = [values.coordinates(FEATURES, name, row)[place] for row in rows]
    with np.errstate(over="ignore"):
        expected = [0.0 if math.isnan(x) else float((np.float64(x) - 0.25) * 2.0) for x in raw]
    np.testing.assert_allclose(scores, expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", HASHED)
def test_a_batch_of_missing_values_contributes_nothing(name: str) -> None:
    rows: list[dict[str, Any]] = [{"timestamp": 0}, {"timestamp": 0, "user": "", "query": "", "tags": [""]}]
    if isinstance(HASHED[name], TimePart):
        assert (runtime.score(SESSIONS[name], rows) > 0).all()
    else:
        assert runtime.score(SESSIONS[name], rows).tolist() == [0.0, 0.0]
    assert runtime.score(SESSIONS[name], []).shape == (0,)


def test_small_logarithms_keep_their_precision() -> None:
    scores = runtime.score(COORDINATES["volume", 0], [{"volume": -1e-12}, {"volume": 1e300}])
    assert scores[0] / 2.0 + 0.25 == pytest.approx(-1e-12, abs=1e-16)
    assert scores[1] / 2.0 + 0.25 == pytest.approx(math.log1p(1e300), rel=1e-15)
