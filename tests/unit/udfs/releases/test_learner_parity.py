"""Every learner there is: its exported model scores random events as its frozen parameters do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from udfs.features import Batch, Space, values
from udfs.learners import LEARNERS, Learner, make
from udfs.learners.learner import Frozen
from udfs.releases.check import parity
from udfs.releases.export import export
from udfs.releases.golden import candidates
from udfs.releases.graph import Keys
from udfs.schema import (
    Categorical,
    CharNGrams,
    Count,
    Cross,
    FeatureSet,
    History,
    ListOf,
    Model,
    Number,
    Rate,
    Since,
    TimePart,
    Tokens,
    Vector,
)
from udfs.schema import Label as LabelOf

FEATURES = FeatureSet(
    seed=3,
    features={
        "user": Categorical(field="user"),
        "item": Categorical(field="item"),
        "words": Tokens(field="query"),
        "grams": CharNGrams(field="query", n=2),
        "tags": ListOf(field="tags"),
        "hour": TimePart(part="hour"),
        "item_hour": Cross(of=("item", "hour")),
        "price": Number(field="price", log=True),
        "raw": Number(field="raw", standardise=False),
        "image": Vector(field="image", length=2),
        "last_items": History(field="item", events=("click",), last=3),
        "clicks": Count(events=("click",), within=3_600_000_000, log=True),
        "click_rate": Rate(events=("click",), per=("view",), half_life=3_600_000_000),
        "since_click": Since(events=("click",), standardise=False),
    },
)
ONLY_IDS = {
    "mf": ("user", "item"),
    "ranker": ("user", "item", "words", "grams", "tags", "hour", "last_items"),
}
OPTIONS = {"ranker": {"item": ["item", "tags", "words"]}}


def batch_of(space: Space, rows: list[Any]) -> Batch:
    entries = [
        [
            (h, place)
            for place, name in enumerate(space.hashed)
            for h in values.hashes(space.features, name, row, row["timestamp"])
        ]
        for row in rows
    ]
    flat = [entry for row in entries for entry in row]
    n = len(rows)
    dense = [[x for name in space.dense for x in values.coordinates(space.features, name, row)] for row in rows]
    return Batch(
        indptr=np.cumsum([0, *map(len, entries)]).astype(np.int32),
        slot=np.array([h for h, _ in flat], np.uint32),
        value=np.ones(len(flat), np.float32),
        field=np.array([place for _, place in flat], np.uint16),
        dense=np.array(dense, np.float64).reshape(n, space.width),
        label=(np.arange(n) % 3 == 0).astype(np.float64),
        weight=np.ones(n),
        time=np.zeros(n, np.int64),
    )


def learner_of(name: str) -> Learner:
    names = ONLY_IDS.get(name, tuple(FEATURES.features))
    label = LabelOf(field="label")
    model = Model(name="m", learner=name, options={"bits": 10, **OPTIONS.get(name, {})}, features=names, label=label)
    return make(model, Space.of(FEATURES, names))


@pytest.mark.parametrize("name", LEARNERS)
def test_the_model_scores_as_the_learner(name: str) -> None:
    learner = learner_of(name)
    rows = candidates(FEATURES, count=120)
    state = learner.init()
    untrained = export(learner, [learner.freeze(state)])
    assert (
        parity(untrained, rows, learner.predict(learner.freeze(state), batch_of(learner.space, rows))).result
        == "passed"
    )
    learner.learn(state, batch_of(learner.space, rows))
    frozen = learner.freeze(state)
    scores = learner.predict(frozen, batch_of(learner.space, rows))
    assert np.ptp(scores) > 0.01
    assert parity(export(learner, [frozen]), rows, scores).reason == ""


@pytest.mark.parametrize("name", LEARNERS)
def test_a_model_by_key_scores_as_the_learner_of_that_key(name: str) -> None:
    learner = learner_of(name)
    keys = Keys("market", ("north", "south"))
    rows: list[Any] = candidates(FEATURES, keys, 90)
    frozen: dict[Any, Frozen] = {None: learner.freeze(learner.init())}
    for part, value in enumerate(keys.values):
        state = learner.init()
        learner.learn(state, batch_of(learner.space, rows[part::2]))
        frozen[value] = learner.freeze(state)
    scores = [
        learner.predict(frozen.get(row.get("market"), frozen[None]), batch_of(learner.space, [row]))[0] for row in rows
    ]
    model = export(learner, [frozen[value] for value in keys.values], keys)
    assert parity(model, rows, np.array(scores)).reason == ""
