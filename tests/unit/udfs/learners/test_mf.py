from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from udfs.errors import ConfigurationError
from udfs.features import Batch, Space
from udfs.learners import Learner, make
from udfs.learners.mf import MFOptions
from udfs.schema import Categorical, FeatureSet, Label, ListOf, Model

FEATURES = FeatureSet(
    seed=1,
    features={"user": Categorical(field="user"), "item": Categorical(field="item"), "tags": ListOf(field="tags")},
)
SPACE = Space.of(FEATURES, ("user", "item", "tags"))
N = 400


def mf(seed: int = 1, **options: Any) -> Learner:
    options = {"bits": 6, "k": 4, **options}
    return make(
        Model(name="m", learner="mf", features=SPACE.names, label=Label(field="y"), options=options, seed=seed), SPACE
    )


def examples(n: int = N, only: int | None = None) -> Batch:
    draw = np.random.default_rng(6)
    pairs = draw.integers(64, size=(n, 2)).astype(np.uint32)
    label = np.clip(np.rint(3.0 + np.sin(pairs[:, 0]) + np.cos(pairs[:, 1]) + draw.normal(0.0, 0.5, n)), 1.0, 5.0)
    fields = np.array([0, 1] if only is None else [only], np.uint16)
    k = len(fields)
    return Batch(
        np.arange(0, n * k + 1, k, dtype=np.int32),
        pairs[:, fields].ravel(),
        np.ones(n * k, np.float32),
        np.tile(fields, n),
        np.zeros((n, 0)),
        label,
        np.ones(n),
        np.zeros(n, np.int64),
    )


def test_equals_the_straight_line_reference() -> None:
    o, batch = MFOptions(k=4), examples()
    drawn = mf(rate=0.0)
    state = drawn.init()
    drawn.learn(state, batch)
    vectors = [state[side][:, 2:].astype(np.float64) for side in ("user", "item")]
    assert all(0.0 < np.abs(v).max() <= o.sigma * math.sqrt(3.0) for v in vectors)
    bias, count = np.zeros((2, 64)), np.zeros((2, 64))
    mean, expected = 0.0, []
    for i in range(N):
        u, v = batch.slot[2 * i : 2 * i + 2].tolist()
        p, q = vectors[0][u], vectors[1][v]
        product = float(p @ q) if count[0, u] and count[1, v] else 0.0
        score = mean + bias[0, u] + bias[1, v] + product
        expected.append(min(max(score, 1.0), 5.0))
        e = batch.label[i] - score
        mean += (batch.label[i] - mean) / (i + 1)
        bias[0, u] += e * max(1.0 / (count[0, u] + o.user_shrinkage), o.bias_rate)
        bias[1, v] += e * max(1.0 / (count[1, v] + o.item_shrinkage), o.bias_rate)
        rates = [o.rate / math.sqrt(1.0 + count[s, x] / o.decay) for s, x in ((0, u), (1, v))]
        vectors[0][u], vectors[1][v] = p + rates[0] * (e * q - o.l2 * p), q + rates[1] * (e * p - o.l2 * q)
        count[0, u] += 1
        count[1, v] += 1
    learner = mf(minimum=1.0, maximum=5.0)
    np.testing.assert_allclose(learner.learn(learner.init(), batch), expected, rtol=1e-5)


def test_vectors_depend_on_seed_and_slot_not_on_order() -> None:
    batch = examples()
    backwards = batch.slice(N // 2, N)
    states = []
    for parts in ([batch], [backwards, batch]):
        learner = mf(rate=0.0)
        state = learner.init()
        for part in parts:
            learner.learn(state, part)
        states.append(state["user"][:, 2:])
    np.testing.assert_array_equal(states[0], states[1])
    other = mf(seed=2, rate=0.0)
    state = other.init()
    other.learn(state, batch)
    assert not np.array_equal(state["user"][:, 2:], states[0])


@pytest.mark.parametrize("only", [0, 1])
def test_a_missing_side_contributes_nothing(only: int) -> None:
    learner = mf()
    state = learner.init()
    scores = learner.learn(state, examples(only=only))
    assert np.isfinite(scores).all()
    assert not state["item" if only == 0 else "user"].any()


@pytest.mark.parametrize("options", [{"user": "tags"}, {"item": "nobody"}])
def test_user_and_item_must_be_single_features(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options.values()))):
        mf(**options)
