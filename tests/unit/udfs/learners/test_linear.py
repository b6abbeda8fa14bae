from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from udfs.features import Batch, Space
from udfs.learners import make
from udfs.schema import Categorical, FeatureSet, Label, Model, Number
from udfs.types import F64

FEATURES = FeatureSet(seed=1, features={"c": Categorical(field="c"), "x": Number(field="x", standardise=False)})
SPACE = Space.of(FEATURES, ("c", "x"))


def examples(n: int = 200) -> Batch:
    draw = np.random.default_rng(5)
    slot, x = draw.integers(8, size=n), draw.normal(size=n)
    return Batch(
        np.arange(n + 1, dtype=np.int32),
        slot.astype(np.uint32),
        np.ones(n, np.float32),
        np.zeros(n, np.uint16),
        x[:, None],
        10.0 + np.sin(slot) + 2.0 * x + draw.normal(0.0, 0.1, n),
        np.ones(n),
        np.zeros(n, np.int64),
    )


def learned(batch: Batch, **options: Any) -> F64:
    description = Model(
        name="m", learner="linear", features=SPACE.names, label=Label(field="y"), options=options | {"bits": 3}
    )
    learner = make(description, SPACE)
    return learner.learn(learner.init(), batch)


@pytest.mark.parametrize("optimiser", ["sgd", "adagrad"])
def test_equals_the_straight_line_reference(optimiser: str) -> None:
    batch, rate, l2 = examples(), 0.05, 0.01
    w = np.zeros(10)
    g2 = np.zeros(10)
    mean, expected = 0.0, []
    for i in range(len(batch)):
        x = np.zeros(10)
        x[batch.slot[i]], x[8], x[9] = 1.0, batch.dense[i, 0], 1.0
        score = mean + float(w @ x)
        expected.append(score)
        mean += (batch.label[i] - mean) / (i + 1)
        for j in np.flatnonzero(x):
            g = (score - batch.label[i]) * x[j] + (l2 * w[j] if j < 9 else 0.0)
            g2[j] += g * g
            w[j] -= rate * g / (math.sqrt(g2[j]) if optimiser == "adagrad" else 1.0)
    np.testing.assert_allclose(learned(batch, optimiser=optimiser, learning_rate=rate, l2=l2), expected, rtol=1e-4)


def test_learns_a_linear_relation_far_from_zero() -> None:
    batch = examples(4000)
    errors = (learned(batch) - batch.label)[-500:]
    assert float(np.sqrt(np.square(errors).mean())) < 0.3


def test_a_step_back_takes_a_label_out_of_the_mean_as_far_as_it_was_in_it() -> None:
    model = Model(name="m", learner="linear", features=SPACE.names, label=Label(field="y"), options={"bits": 3})
    learner, batch = make(model, SPACE), examples(10)
    state = learner.init()
    last = batch.slice(9, 10)
    back = dataclasses.replace(last, weight=np.array([-1.0]))
    learner.learn(state, back)
    assert state["label"].tolist() == [0.0, 0.0]
    learner.learn(state, batch.slice(0, 9))
    before = state["label"].copy()
    learner.learn(state, last)
    learner.learn(state, back)
    np.testing.assert_allclose(state["label"], before, rtol=1e-12)
