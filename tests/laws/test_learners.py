"""What every learner in the registry must keep."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.strategies_examples import BITS, batch_for, cuts, learner
from udfs.features import Batch
from udfs.learners import LEARNERS
from udfs.learners.learner import State

N = 40
every_learner = pytest.mark.parametrize("name", sorted(LEARNERS))
few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def dumped(state: State) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in state.items()}


def copied(state: State) -> State:
    return {name: array.copy() for name, array in state.items()}


def trained(name: str, seed: int = 0, model_seed: int = 1) -> State:
    model = learner(name, model_seed)
    state = model.init()
    model.learn(state, batch_for(name, seed, N))
    return state


@every_learner
@few
@given(seed=seeds)
def test_scoring_changes_nothing(name: str, seed: int) -> None:
    model, state = learner(name), trained(name)
    before = dumped(state)
    first = model.score(state, batch_for(name, seed, N))
    assert model.score(state, batch_for(name, seed, N)).tobytes() == first.tobytes()
    assert dumped(state) == before


@every_learner
@few
@given(seed=seeds, cut=cuts(N))
def test_any_cutting_gives_the_same_state_and_scores(name: str, seed: int, cut: list[int]) -> None:
    model, whole = learner(name), batch_for(name, seed, N)
    at_once, in_parts = model.init(), model.init()
    scores = model.learn(at_once, whole)
    parts = [model.learn(in_parts, whole.slice(a, b)) for a, b in itertools.pairwise(cut)]
    assert np.concatenate(parts).tobytes() == scores.tobytes()
    assert dumped(in_parts) == dumped(at_once)


@every_learner
@few
@given(seed=seeds)
def test_an_untouched_slot_never_moves(name: str, seed: int) -> None:
    model, state = learner(name), trained(name)
    before = model.freeze(state)
    batch = batch_for(name, seed, 10)
    model.learn(state, batch)
    untouched = np.ones(1 << BITS, bool)
    untouched[batch.slot & np.uint32((1 << BITS) - 1)] = False
    tables = [key for key, array in before.items() if len(array) == 1 << BITS]
    assert tables
    for key in tables:
        np.testing.assert_array_equal(model.freeze(state)[key][untouched], before[key][untouched])


@every_learner
def test_a_model_that_saw_nothing_has_empty_tables(name: str) -> None:
    model = learner(name)
    assert all(not array.any() for array in model.freeze(model.init()).values() if len(array) == 1 << BITS)


@every_learner
@few
@given(seed=seeds)
def test_unseen_features_score_finite(name: str, seed: int) -> None:
    model = learner(name, bits=16)
    state = model.init()
    model.learn(state, batch_for(name, 0, N))
    assert np.isfinite(model.score(state, batch_for(name, seed, N))).all()


@every_learner
def test_an_empty_batch(name: str) -> None:
    model, state = learner(name), trained(name)
    before = dumped(state)
    empty = batch_for(name, 0, 0)
    assert model.learn(state, empty).shape == (0,)
    assert model.score(state, empty).shape == (0,)
    assert dumped(state) == before


@every_learner
@few
@given(seed=seeds)
def test_one_row_at_a_time_learn_scores_as_the_frozen_model_does(name: str, seed: int) -> None:
    model, state = learner(name), trained(name)
    batch = batch_for(name, seed, 10)
    for i in range(len(batch)):
        row = batch.slice(i, i + 1)
        released = model.predict(model.freeze(state), row)
        score = model.learn(state, row)
        assert released.shape == score.shape == (1,)
        np.testing.assert_allclose(released, score, rtol=1e-6, atol=1e-6)


@every_learner
@few
@given(seed=seeds)
def test_raw_bytes_restore_the_state(name: str, seed: int) -> None:
    model, state = learner(name), trained(name)
    stored = dumped(state)
    restored = {key: np.frombuffer(data, dtype).reshape(shape).copy() for key, (dtype, shape, data) in stored.items()}
    batch = batch_for(name, seed, N)
    assert model.learn(restored, batch).tobytes() == model.learn(state, batch).tobytes()
    assert dumped(restored) == dumped(state)


@every_learner
def test_two_seeds_alike_give_two_models_alike(name: str) -> None:
    assert dumped(trained(name, model_seed=7)) == dumped(trained(name, model_seed=7))


@every_learner
def test_names_shapes_and_types_of_the_state_never_change(name: str) -> None:
    fresh = learner(name).init()
    assert {k: (a.shape, a.dtype) for k, a in trained(name).items()} == {
        k: (a.shape, a.dtype) for k, a in fresh.items()
    }


def hostile(name: str, seed: int, label: float, weight: float, value: float, dense: float) -> Batch:
    batch = batch_for(name, seed, 20, slots=3)
    return dataclasses.replace(
        batch,
        label=batch.label if name == "ftrl" else np.where(np.arange(20) % 2, label, batch.label),
        weight=np.full(20, weight),
        value=np.full(len(batch.slot), value, np.float32),
        dense=np.where(np.arange(20)[:, None] % 3 == 0, dense, batch.dense),
    )


@every_learner
@few
@given(
    seed=seeds,
    label=st.sampled_from([1e300, -1e300, 1e9, math.nan]),
    weight=st.sampled_from([1.0, 1e300, 1e-300]),
    value=st.sampled_from([1.0, 1e30, -1e30]),
    dense=st.sampled_from([1e300, -1e300, 1e12, 0.0]),
)
def test_hostile_values_leave_everything_finite(
    name: str, seed: int, label: float, weight: float, value: float, dense: float
) -> None:
    model, state = learner(name), trained(name)
    for step in range(5):
        scores = model.learn(state, hostile(name, seed + step, label, weight, value, dense))
        assert np.isfinite(scores).all()
    assert all(np.isfinite(array).all() for array in state.values())
    assert all(np.isfinite(array).all() for array in model.freeze(state).values())


@every_learner
def test_a_long_list_leaves_everything_finite(name: str) -> None:
    model, state = learner(name), trained(name)
    row = batch_for(name, 0, 1)
    long = dataclasses.replace(
        row,
        indptr=np.array([0, 60_000], np.int32),
        slot=np.arange(60_000, dtype=np.uint32) % np.uint32(3),
        value=np.ones(60_000, np.float32),
        field=np.full(60_000, 2, np.uint16),
    )
    for _ in range(20):
        assert np.isfinite(model.learn(state, long)).all()
    assert all(np.isfinite(array).all() for array in state.values())


@every_learner
@few
@given(seed=seeds, weight=st.sampled_from([-1.0, -0.5, -1e300]))
def test_a_step_back_leaves_everything_finite_and_is_none_for_those_that_know_none(
    name: str, seed: int, weight: float
) -> None:
    model, state = learner(name), trained(name)
    before = dumped(state)
    for step in range(5):
        assert np.isfinite(model.learn(state, hostile(name, seed + step, 1e9, weight, 1.0, 1e12))).all()
    assert all(np.isfinite(array).all() for array in state.values())
    assert all(np.isfinite(array).all() for array in model.freeze(state).values())
    assert (dumped(state) == before) == ("reverse" not in model.late)


@every_learner
@few
@given(seed=seeds)
def test_weight_zero_changes_nothing(name: str, seed: int) -> None:
    model, state = learner(name), trained(name)
    before = copied(state)
    batch = batch_for(name, seed, N)
    scores = model.learn(state, dataclasses.replace(batch, weight=np.zeros(N)))
    assert dumped(state) == dumped(before)
    np.testing.assert_allclose(scores, model.score(before, batch), rtol=1e-6, atol=1e-6)
