"""What a breaker is told of examples."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from benchmarks.quality.traffic import Traffic
from jobs.config import load
from tests.laws.strategies_histories import FOLLOWED, JOINED
from tests.unit.udfs.stages.shop_examples import NUMBERS, SINGLES, frame_of, layout_of, plan_of
from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, Ragged, decode
from udfs.schema import Cross, FeatureSet, Vector
from udfs.stages.selector import Selector, number_names
from udfs.stages.watched import Watched
from udfs.types import Arrays

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"


def test_every_feature_that_can_be_missing_is_watched() -> None:
    layout = layout_of(plan_of())
    watched = Watched(layout, layout.models[0])
    assert watched.features == (*SINGLES, *NUMBERS)
    assert watched.numbers == NUMBERS
    (examples,) = Traffic().chunks(500, size=500)
    present = watched.present(frame_of(examples))
    assert np.array_equal(present[:, :10], examples.present)
    assert np.array_equal(present[:, 10:], ~np.isnan(examples.number))


def test_tokens_vectors_and_parts_of_crosses_are_watched() -> None:
    features = FeatureSet(
        seed=1,
        features={
            **JOINED.features.features,
            "both": Cross(of=("user", "item")),
            "picture": Vector(field="picture", length=2),
        },
    )
    (model,) = (
        msgspec.structs.replace(model, features=("words", "both", "picture", "price"))
        for model in JOINED.models
        if model.name == "answered"
    )
    layout = Layout.of(msgspec.structs.replace(JOINED, features=features, models=(model,)))
    watched = Watched(layout, model)
    assert watched.features == ("user", "item", "words", "picture", "price")
    sent = next(iter(Selector(layout, 0).examples(_events(), np.zeros(2), np.ones(2, np.bool_))))
    assert watched.present(decode(sent.payload)).tolist() == [
        [True, True, False, True, False],
        [False, True, True, False, True],
    ]


def test_what_users_did_before_is_not_watched() -> None:
    layout = Layout.of(load(EXAMPLES / "shop.yaml").plan(1, True))
    watched = Watched(layout, layout.models[0])
    assert layout.example_numbers == ("price", "click_rate")
    assert watched.numbers == ("price",)
    assert "price" in watched.features
    assert "click_rate" not in watched.features
    frame = Frame(Kind.EXAMPLES, 2, {}, {"number": np.array([[1.0, 9.0], [2.0, 8.0]])})
    assert watched.number(frame).tolist() == [[1.0], [2.0]]


def _events() -> Frame:
    columns: Arrays = {
        "id": np.zeros((2, 2), np.uint64),
        "time": np.zeros(2, np.int64),
        "offset": np.zeros(2, np.int64),
        "part": np.zeros(2, np.uint16),
        "index": np.zeros(2, np.uint32),
        "single": np.ones((2, 2), np.uint32),
        "present": np.array([[3], [2]], np.uint64),
        "number": np.array([[np.nan], [1.0]]),
        "vector": np.array([[1.0, 2.0], [np.nan, np.nan]], np.float32),
    }
    words = Ragged(np.array([0, 0, 2], np.uint32), np.array([5, 6], np.uint32))
    ragged = {"multiple.words": words, "sample": Ragged.of_bytes([b"", b""])}
    return Frame(Kind.EVENTS, 2, {"parts": ["a/0"], "now": 0}, columns, ragged)


def test_what_became_of_items_is_not_watched() -> None:
    (model,) = (model for model in FOLLOWED.models if model.name == "answered")
    layout = Layout.of(FOLLOWED)
    watched = Watched(layout, model)
    assert number_names(layout, model)[-3:] == ("item_shown", "item_rate", "since_item")
    assert watched.numbers == ("price", "page")
    columns = np.arange(16.0).reshape(2, 8)
    assert watched.number(Frame(Kind.EXAMPLES, 2, {}, {"number": columns})).tolist() == [[0.0, 1.0], [8.0, 9.0]]
