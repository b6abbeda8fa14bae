"""Weighted, negatives that are early and positives that come late estimate the true rate."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.udfs.learners.test_ftrl import SPACE, examples
from udfs.features import Batch
from udfs.learners import Learner, make
from udfs.learners.fake_negatives import weight_of_negative
from udfs.schema import Label, Model
from udfs.types import F64


@given(p=st.floats(0.001, 0.999), late=st.floats(0.0, 1.0), factor=st.floats(0.5, 2.0))
def test_the_gradient_vanishes_at_the_true_rate_alone(p: float, late: float, factor: float) -> None:
    def gradient(score: float) -> float:
        """Of p positives, and of what are no positives in time: negatives."""
        return p * (score - 1.0) + (1.0 - p * (1.0 - late)) * weight_of_negative(score, late) * score

    assert gradient(p) == pytest.approx(0.0, abs=1e-12)
    other = p * factor
    if other < 1.0 and abs(factor - 1.0) > 1e-3:
        assert math.copysign(1.0, gradient(other)) == math.copysign(1.0, factor - 1.0)


@given(p=st.floats(0.001, 0.999))
def test_with_all_positives_late_the_ratio_is_that_of_the_paper(p: float) -> None:
    negative, positive = (1.0 - p) * (1.0 + p), 1.0 + p
    assert weight_of_negative(p, 1.0) == pytest.approx(negative / positive)


def learner() -> Learner:
    model = Model(name="m", learner="ftrl", features=SPACE.names, label=Label(field="y"), options={"bits": 6})
    return make(model, SPACE)


def scores_of(batch: Batch) -> F64:
    return learner().learn(learner().init(), batch)


def test_the_learner_weighs_negatives_by_its_own_score() -> None:
    batch = examples(200)
    late = np.linspace(0.0, 0.9, len(batch))
    expected = np.empty(len(batch))
    state = learner().init()
    for i in range(len(batch)):
        row = batch.slice(i, i + 1)
        score = float(learner().score(state, row)[0])
        weight = 1.0 if row.label[0] == 1.0 else (1.0 - score) / (1.0 - score + late[i] * score)
        expected[i] = learner().learn(state, dataclasses.replace(row, weight=np.array([weight])))[0]
    np.testing.assert_allclose(scores_of(dataclasses.replace(batch, late=late)), expected, rtol=1e-5)


def test_of_late_positives_the_learner_estimates_the_rate() -> None:
    draw = np.random.default_rng(3)
    n, p, late = 60_000, 0.3, 0.4
    positive = draw.random(n) < p
    comes_late = positive & (draw.random(n) < late)
    label = np.concatenate((positive & ~comes_late, np.ones(comes_late.sum())))
    order = np.argsort(np.concatenate((np.arange(n), np.flatnonzero(comes_late) + 500.5)))
    m = len(label)
    batch = Batch(
        np.zeros(m + 1, np.int32),
        np.zeros(0, np.uint32),
        np.zeros(0, np.float32),
        np.zeros(0, np.uint16),
        np.zeros((m, 0)),
        label[order].astype(np.float64),
        np.ones(m),
        np.zeros(m, np.int64),
    )
    weighted = scores_of(dataclasses.replace(batch, late=np.full(m, late)))[-n // 2 :].mean()
    ignorant = scores_of(batch)[-n // 2 :].mean()
    assert weighted == pytest.approx(p, abs=0.01)
    assert ignorant < p - 0.02
