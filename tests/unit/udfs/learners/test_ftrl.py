from __future__ import annotations

import dataclasses
import math
import warnings

import numpy as np

from udfs.features import Batch, Space
from udfs.learners import make
from udfs.schema import Categorical, FeatureSet, Label, Model
from udfs.types import F64

ALPHA, BETA, L1, L2, BITS = 0.1, 1.0, 0.3, 0.5, 6
SPACE = Space.of(FeatureSet(seed=1, features={n: Categorical(field=n) for n in "abc"}), ("a", "b", "c"))


def examples(n: int = 300) -> Batch:
    draw = np.random.default_rng(4)
    slots = draw.integers(20, size=(n, 3)) + np.array([0, 20, 40])
    label = (draw.random(n) < 1.0 / (1.0 + np.exp(-np.sin(slots).sum(axis=1)))).astype(np.float64)
    return Batch(
        np.arange(0, 3 * n + 1, 3, dtype=np.int32),
        slots.astype(np.uint32).ravel(),
        np.ones(3 * n, np.float32),
        np.tile(np.arange(3, dtype=np.uint16), n),
        np.zeros((n, 0)),
        label,
        np.ones(n),
        np.zeros(n, np.int64),
    )


def scores_of(batch: Batch, **options: float) -> F64:
    model = Model(
        name="m", learner="ftrl", features=SPACE.names, label=Label(field="y"), options={"bits": BITS, **options}
    )
    learner = make(model, SPACE)
    return learner.learn(learner.init(), batch)


def test_equals_algorithm_1_of_the_paper() -> None:
    batch = examples()
    z: dict[int, float] = {}
    n: dict[int, float] = {}

    def weight(q: int) -> float:
        l1, l2 = (0.0, 0.0) if q < 0 else (L1, L2)
        if abs(z.get(q, 0.0)) <= l1:
            return 0.0
        return -(z[q] - math.copysign(l1, z[q])) / ((BETA + math.sqrt(n[q])) / ALPHA + l2)

    expected = []
    for i in range(len(batch)):
        active = [-1, *batch.slot[3 * i : 3 * i + 3].tolist()]
        w = {q: weight(q) for q in active}
        p = 1.0 / (1.0 + math.exp(-sum(w.values())))
        expected.append(p)
        g = p - batch.label[i]
        for q in active:
            sigma = (math.sqrt(n.get(q, 0.0) + g * g) - math.sqrt(n.get(q, 0.0))) / ALPHA
            z[q] = z.get(q, 0.0) + g - sigma * w[q]
            n[q] = n.get(q, 0.0) + g * g
    np.testing.assert_allclose(scores_of(batch, alpha=ALPHA, beta=BETA, l1=L1, l2=L2), expected, rtol=1e-5)


def log_loss(scores: F64, labels: F64) -> float:
    return float(-np.where(labels == 1.0, np.log(scores), np.log(1.0 - scores)).mean())


def test_is_no_worse_than_river_whose_weights_lag_one_step_behind() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from river import linear_model, optim
    batch = examples(2000)
    model = linear_model.LogisticRegression(optim.FTRLProximal(ALPHA, BETA, l1=0.0, l2=0.0), intercept_lr=0.0)
    theirs = []
    for i in range(len(batch)):
        x = {"bias": 1.0} | {str(q): 1.0 for q in batch.slot[3 * i : 3 * i + 3]}
        theirs.append(model.predict_proba_one(x)[True])
        model.learn_one(x, bool(batch.label[i]))
    ours = log_loss(scores_of(batch, alpha=ALPHA, beta=BETA, l1=0.0, l2=0.0), batch.label)
    assert ours < log_loss(np.array(theirs), batch.label) < math.log(2.0)


def test_l1_leaves_rare_slots_at_zero() -> None:
    model = Model(
        name="m", learner="ftrl", features=SPACE.names, label=Label(field="y"), options={"bits": 6, "l1": 2.0}
    )
    learner = make(model, SPACE)
    state = learner.init()
    learner.learn(state, examples(20))
    assert not learner.freeze(state)["weights"].any()
    assert state["zn"].any()


def test_a_step_back_moves_the_score_away_from_the_label_and_no_accumulator_gets_smaller() -> None:
    model = Model(name="m", learner="ftrl", features=SPACE.names, label=Label(field="y"), options={"bits": BITS})
    learner, batch = make(model, SPACE), examples(50)
    state = learner.init()
    learner.learn(state, batch)
    for i in range(len(batch)):
        row = batch.slice(i, i + 1)
        before, squares = learner.score(state, row)[0], state["zn"][:, 1].copy()
        learner.learn(state, dataclasses.replace(row, weight=np.array([-1.0])))
        assert abs(learner.score(state, row)[0] - row.label[0]) > abs(before - row.label[0])
        assert (state["zn"][:, 1] >= squares).all()


def test_of_a_negative_that_is_taken_back_and_a_positive_the_rate_is_learned() -> None:
    draw = np.random.default_rng(5)
    n, p, late = 60_000, 0.3, 0.4
    positive = draw.random(n) < p
    again = np.flatnonzero(positive & (draw.random(n) < late))
    label = np.concatenate((np.where(np.isin(np.arange(n), again), 0.0, positive), np.zeros(len(again))))
    label = np.concatenate((label, np.ones(len(again))))
    weight = np.concatenate((np.ones(n), -np.ones(len(again)), np.ones(len(again))))
    order = np.argsort(np.concatenate((np.arange(n), again + 500.4, again + 500.5)), kind="stable")
    m = len(label)
    nothing = np.zeros(0, np.uint32), np.zeros(0, np.float32), np.zeros(0, np.uint16), np.zeros((m, 0))
    batch = Batch(np.zeros(m + 1, np.int32), *nothing, label[order], weight[order], np.zeros(m, np.int64))
    assert abs(scores_of(batch)[-n // 2 :].mean() - p) < 0.01
