from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.strategies_examples import SPACE, batch, batch_for, cuts, learner
from udfs.errors import ConfigurationError
from udfs.features import Batch
from udfs.learners import LEARNERS, forgetting
from udfs.learners.learner import State

N = 500
HALF_LIFE = 1_000.0
PER_TICK = 62
TABLE = {"ftrl": "zn", "linear": "wg"}
able = pytest.mark.parametrize("name", [name for name in sorted(LEARNERS) if LEARNERS[name].decays])
options = pytest.mark.parametrize("l1", [0.0, 0.5])


def examples(name: str, seed: int, n: int = N) -> Batch:
    return batch_for(name, seed, n, slots=20)


def copied(state: State) -> State:
    return {key: array.copy() for key, array in state.items()}


def test_a_half_life_is_a_half() -> None:
    assert forgetting.examples_per_tick(None) == 0
    assert forgetting.examples_per_tick(HALF_LIFE) == PER_TICK
    assert forgetting.left_after(forgetting.TICKS_PER_HALF_LIFE) == pytest.approx(0.5)
    clock = forgetting.new()
    ticks = [i for i in range(1, 10) if forgetting.advance(clock, 3)]
    assert ticks == [3, 6, 9]
    assert clock.tolist() == [0, 3]


@able
@options
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 100), factor=st.floats(1e-6, 1.0))
def test_no_weight_moves_when_squared_gradients_decay(name: str, l1: float, seed: int, factor: float) -> None:
    model = learner(name, l1=l1) if name == "ftrl" else learner(name)
    state = model.init()
    model.learn(state, examples(name, seed))
    before, table = model.freeze(state), state[TABLE[name]].copy()
    model.decay(state, factor)
    for key, array in model.freeze(state).items():
        np.testing.assert_allclose(array, before[key], rtol=2e-5, atol=1e-6, err_msg=key)
    np.testing.assert_allclose(state[TABLE[name]][:, 1], table[:, 1] * np.float32(factor), rtol=1e-6)


@able
def test_after_a_decay_it_learns_faster(name: str) -> None:
    model = learner(name)
    state = model.init()
    model.learn(state, examples(name, 1))
    decayed = copied(state)
    model.decay(decayed, 0.01)
    before, row = model.freeze(state)["weights"], examples(name, 2, 20)
    moved = []
    for each in (state, decayed):
        model.learn(each, row)
        moved.append(np.abs(model.freeze(each)["weights"] - before).sum())
    assert moved[1] > 2.0 * moved[0] > 0.0


def test_a_learner_without_squared_gradients_says_so() -> None:
    model = learner("mf")
    with pytest.raises(ConfigurationError, match="mf has no squared gradients"):
        model.decay(model.init(), 0.5)


@able
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 100), cut=cuts(N))
def test_any_cutting_gives_the_same(name: str, seed: int, cut: list[int]) -> None:
    model, whole = learner(name, half_life=HALF_LIFE), examples(name, seed)
    at_once, in_parts = model.init(), model.init()
    scores = model.learn(at_once, whole)
    parts = [model.learn(in_parts, whole.slice(a, b)) for a, b in itertools.pairwise(cut)]
    assert np.concatenate(parts).tobytes() == scores.tobytes()
    assert all(in_parts[key].tobytes() == array.tobytes() for key, array in at_once.items())
    assert at_once["clock"].tolist() == list(divmod(int((whole.weight > 0.0).sum()), PER_TICK))[::-1]


@able
def test_a_slot_that_was_not_learned_for_long_has_decayed_as_much_as_if_swept(name: str) -> None:
    """Let slot 7 rest while others are learned; then learn it once, beside a model that is swept at every tick."""
    ticks = 40
    lazy, eager = learner(name, half_life=HALF_LIFE), learner(name)
    state, swept = lazy.init(), eager.init()
    first, others, last = one_slot(7, 30), one_slot(9, ticks * PER_TICK - 30), one_slot(7, 1)
    for part in (first, others, last):
        lazy.learn(state, part)
    for part in (first, others):
        start = 0
        while start < len(part):
            stop = min(len(part), start + (32 if start == 0 and part is others else PER_TICK))
            eager.learn(swept, part.slice(start, stop))
            if part is others:
                eager.decay(swept, forgetting.left_after(1.0))
            start = stop
    eager.learn(swept, last)
    rested, expected = state[TABLE[name]][7], swept[TABLE[name]][7]
    np.testing.assert_allclose(rested[:2], expected, rtol=1e-4, atol=1e-7)
    assert rested[forgetting.TICK] == ticks


def one_slot(slot: int, n: int) -> Batch:
    """Return examples of one slot alone, every third positive."""
    whole = batch(1, n)
    return Batch(
        np.arange(n + 1, dtype=np.int32),
        np.full(n, slot, np.uint32),
        np.ones(n, np.float32),
        np.zeros(n, np.uint16),
        np.zeros((n, SPACE.width)),
        (np.arange(n) % 3 == 0).astype(np.float64),
        np.ones(n),
        whole.time,
    )


@able
def test_where_ticks_cannot_be_counted_on_they_begin_anew(name: str) -> None:
    model = learner(name, half_life=HALF_LIFE)
    usual, ending = model.init(), model.init()
    for state, ticks in ((usual, 100), (ending, forgetting.END - 2)):
        state["clock"][1] = ticks
        model.learn(state, examples(name, 3, 60))
    scores = []
    for state in (usual, ending):
        model.learn(state, examples(name, 4, 5 * PER_TICK))
        scores.append(model.learn(state, examples(name, 5)))
    assert ending["clock"][1] < 20 < usual["clock"][1]
    assert ending[TABLE[name]][:, forgetting.TICK].max() < 20
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-4)


@able
def test_without_a_half_life_nothing_is_stored_for_it(name: str) -> None:
    state: dict[str, Any] = learner(name).init()
    assert "clock" not in state
    assert state[TABLE[name]].shape[1] == 2
