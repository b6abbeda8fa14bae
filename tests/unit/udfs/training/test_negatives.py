"""Down-sampled negatives: which are learned, what makes up for the others, and that calibration and ranking survive."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from udfs.evaluation import Progressive
from udfs.features import Batch, Space
from udfs.features.rows import batch_of_rows
from udfs.learners import make
from udfs.releases.check import parity
from udfs.releases.export import export
from udfs.releases.golden import candidates, golden_rows
from udfs.schema import Categorical, FeatureSet, Label, Model, Negatives
from udfs.training.negatives import NegativeSampler, log_odds
from udfs.training.trainer import Trainer

KEEP, N = 0.1, 60_000
FEATURES = FeatureSet(seed=1, features={"item": Categorical(field="item")})
SPACE = Space.of(FEATURES, ("item",))
CORRECTIONS = ("weight", "log_odds")


def shop(seed: int = 1, n: int = N) -> Batch:
    """Draw impressions of 50 items with click rates from 1 to 20 %."""
    rng = np.random.default_rng(seed)
    item = rng.integers(50, size=n)
    slots = np.random.default_rng(9).integers(1 << 32, size=50, dtype=np.uint32)
    label = (rng.random(n) < np.linspace(0.01, 0.2, 50)[item]).astype(np.float64)
    lot = rng.integers(1 << 32, size=n, dtype=np.uint32)
    return Batch(
        np.arange(n + 1, dtype=np.int32),
        slots[item],
        np.ones(n, np.float32),
        np.zeros(n, np.uint16),
        np.zeros((n, 0)),
        label,
        np.ones(n),
        np.zeros(n, np.int64),
        lot=lot,
    )


def model(**options: Any) -> Model:
    return Model(name="m", learner="ftrl", features=("item",), label=Label(field="y"), options={"bits": 12}, **options)


def sampled(correct: Any) -> Model:
    return model(negatives=Negatives(keep=KEEP, correct=correct))


@pytest.mark.parametrize("correct", CORRECTIONS)
def test_all_positives_and_a_share_of_negatives_are_learned(correct: Any) -> None:
    batch = shop()
    weights = NegativeSampler(Negatives(keep=KEEP, correct=correct), 1).weights(batch)
    positive = batch.label == 1.0
    assert (weights[positive] == 1.0).all()
    kept = weights[~positive] > 0.0
    assert kept.mean() == pytest.approx(KEEP, abs=0.005)
    assert set(weights[~positive][kept].tolist()) == {1.0 / KEEP if correct == "weight" else 1.0}


def test_who_is_kept_depends_on_the_lot_and_the_seed_alone() -> None:
    batch = shop(n=1_000)
    order = np.random.default_rng(2).permutation(1_000)
    shuffled = dataclasses.replace(batch, label=batch.label[order], lot=batch.lot[order])
    sampler = NegativeSampler(Negatives(keep=0.5, correct="weight"), 1)
    assert sampler.weights(shuffled).tolist() == sampler.weights(batch)[order].tolist()
    other = NegativeSampler(Negatives(keep=0.5, correct="weight"), 2).weights(batch)
    assert not np.array_equal(other, sampler.weights(batch))


def test_an_examples_own_weight_is_kept_and_none_stays_none() -> None:
    batch = dataclasses.replace(shop(n=1_000), weight=np.tile([0.0, 3.0], 500))
    weights = NegativeSampler(Negatives(keep=0.5, correct="weight"), 1).weights(batch)
    assert set(weights.tolist()) == {0.0, 3.0, 6.0}
    assert not weights[::2].any()


@pytest.mark.parametrize("correct", CORRECTIONS)
def test_scores_stay_calibrated_and_rank_as_well(correct: Any) -> None:
    figures = []
    for described in (model(), sampled(correct)):
        learner = make(described, SPACE)
        trainer, states, metrics = Trainer(described, learner), {"": learner.init()}, Progressive("binary")
        trainer.learn(states, "", shop(1), 0)
        batch = shop(2)
        metrics.update(trainer.learn(states, "", batch, N), batch.label, batch.weight)
        report = metrics.report()
        figures.append((report["calibration"], report["auc"]))
    assert figures[1][0] == pytest.approx(1.0, abs=0.05)
    assert figures[1][1] == pytest.approx(figures[0][1], abs=0.01)


@pytest.mark.parametrize("correct", CORRECTIONS)
def test_what_is_released_scores_as_what_is_learned(correct: Any) -> None:
    described = sampled(correct)
    learner = make(described, SPACE)
    trainer, states = Trainer(described, learner), {"": learner.init()}
    trainer.learn(states, "", shop(1), 0)
    frozen = learner.freeze(states[""])
    row = dataclasses.replace(shop(2, 1), weight=np.zeros(1))
    np.testing.assert_allclose(learner.predict(frozen, row), trainer.learn(states, "", row, N), rtol=1e-6)
    rows = candidates(FEATURES)
    expected = learner.predict(frozen, batch_of_rows(SPACE, rows))
    data = export(learner, [frozen])
    assert parity(data, rows, expected).result == "passed"
    golden = golden_rows(data, FEATURES)
    assert [each.score for each in golden] == pytest.approx(
        learner.predict(frozen, batch_of_rows(SPACE, [each.row for each in golden])).tolist(), rel=1e-6
    )


def test_the_correction_is_the_logarithm_of_the_share() -> None:
    assert log_odds(None) == log_odds(Negatives(keep=KEEP, correct="weight")) == 0.0
    assert log_odds(Negatives(keep=KEEP, correct="log_odds")) == pytest.approx(math.log(KEEP))
    learner = make(sampled("log_odds"), SPACE)
    untouched = learner.predict(learner.freeze(learner.init()), shop(1, 1))
    assert untouched.tolist() == pytest.approx([KEEP / (1.0 + KEEP)])


def test_without_it_a_release_has_the_same_bytes_as_before() -> None:
    plain, weighed = (make(described, SPACE) for described in (model(), sampled("weight")))
    assert export(plain, [plain.freeze(plain.init())]) == export(weighed, [weighed.freeze(weighed.init())])


def test_negatives_that_are_not_learned_are_scored() -> None:
    described = sampled("weight")
    learner, batch = make(described, SPACE), shop()
    states = {"": learner.init()}
    scores = Trainer(described, learner).learn(states, "", batch, 0)
    weights = NegativeSampler(described.negatives or Negatives(keep=1.0, correct="weight"), 1).weights(batch)
    reference = learner.init()
    assert scores.tobytes() == learner.learn(reference, dataclasses.replace(batch, weight=weights)).tobytes()
    assert len(scores) == N


@pytest.mark.parametrize("correct", CORRECTIONS)
def test_a_step_back_is_taken_where_its_step_was(correct: Any) -> None:
    sampler, batch = NegativeSampler(Negatives(keep=0.3, correct=correct), 1), shop(n=1_000)
    back = dataclasses.replace(batch, weight=-batch.weight)
    assert sampler.weights(back).tolist() == (-sampler.weights(batch)).tolist()
