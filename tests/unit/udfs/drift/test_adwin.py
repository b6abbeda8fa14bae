"""ADWIN is the paper's: river's helper detects the same, and the guarantees hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river.drift.adwin_c import AdaptiveWindowing

from tests.unit.udfs.drift.streams import coins, in_parts, pieces, state
from udfs.drift import ADWIN
from udfs.errors import ConfigurationError, StateError


@pytest.mark.parametrize("delta", [0.002, 0.05, 0.3])
@pytest.mark.parametrize("every", [1, 7, 32])
@pytest.mark.parametrize("seed", range(4))
def test_detects_what_river_detects(delta: float, every: int, seed: int) -> None:
    values = pieces(np.random.default_rng(seed))
    mine = ADWIN(delta, every)
    # The paper has no shortest window; river's shifts the bound by it, so that only 1 is the paper's.
    river = AdaptiveWindowing(delta=delta, clock=every, min_window_length=1, grace_period=0)
    expected = [i for i, value in enumerate(values.tolist()) if river.update(value)]
    assert len(expected) >= 3
    assert mine.update(values).tolist() == expected
    assert (mine.changes, mine.width) == (len(expected), river.get_width())
    assert mine.estimate == pytest.approx(river.get_total() / river.get_width(), rel=1e-9)


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 20), cuts=st.lists(st.integers(0, 15_000), max_size=5), every=st.sampled_from([1, 32]))
def test_any_cutting_and_any_restore_gives_the_same(seed: int, cuts: list[int], every: int) -> None:
    values = pieces(np.random.default_rng(seed))
    whole = ADWIN(every=every)
    detected = whole.update(values).tolist()
    assert in_parts(lambda: ADWIN(every=every), values, cuts) == (detected, state(whole))


@pytest.mark.parametrize(("scale", "offset"), [(1e-3, 0.0), (1e6, 0.0), (1.0, 1e6)])
def test_units_do_not_matter(scale: float, offset: float) -> None:
    values = pieces(np.random.default_rng(3))
    expected = ADWIN().update(values).tolist()
    assert ADWIN(bound=scale).update(values * scale + offset).tolist() == expected


@pytest.mark.parametrize("mean", [0.01, 0.04, 0.5])
def test_no_more_false_alarms_than_delta_allows(mean: float) -> None:
    detector = ADWIN(delta=0.002)
    detector.update(coins(np.random.default_rng(1), (mean, 1_000_000)))
    assert detector.changes <= 1
    assert detector.width > 500_000


@pytest.mark.parametrize(
    ("before", "after", "bound"), [(0.04, 0.08, 6_000), (0.04, 0.0, 1_500), (0.04, 0.02, 10_000), (0.9, 0.8, 1_500)]
)
def test_delay_of_a_sudden_change(before: float, after: float, bound: int) -> None:
    for seed in range(20):
        detector = ADWIN()
        values = coins(np.random.default_rng(seed), (before, 20_000), (after, bound))
        detected = detector.update(values)
        assert detected[detected >= 20_000].size, seed
        assert abs(detector.estimate - after) < abs(before - after) / 2


def test_a_gradual_change_is_noticed_while_it_lasts() -> None:
    rng = np.random.default_rng(1)
    ramp = np.concatenate([np.full(20_000, 0.04), np.linspace(0.04, 0.08, 20_000)])
    detected = ADWIN().update((rng.random(40_000) < ramp).astype(np.float64))
    assert detected.size
    assert detected[0] >= 20_000


def test_memory_is_logarithmic() -> None:
    detector = ADWIN(every=1_000)
    detector.update(np.zeros(1_000_000))
    assert detector.width == 1_000_000
    # Each size has five buckets but the largest: 2**17 * 5 < 1e6 < 2**18 * 5.
    assert detector.dump()["sizes"].sum() <= 18 * 5 + 5


def test_what_is_no_number_is_counted_and_left_out() -> None:
    values = pieces(np.random.default_rng(0))
    spoilt = np.insert(values, [5, 700, 9_000], [math.nan, math.inf, -math.inf])
    clean, dirty = ADWIN(), ADWIN()
    assert len(clean.update(values)) == len(dirty.update(spoilt))
    assert (dirty.skipped, dirty.width, dirty.estimate) == (3, clean.width, clean.estimate)


def test_an_empty_window() -> None:
    detector = ADWIN()
    assert detector.update(np.zeros(0)).size == 0
    assert (detector.width, detector.estimate, detector.changes) == (0, 0.0, 0)


@pytest.mark.parametrize(("delta", "every", "bound"), [(0.0, 1, 1.0), (1.0, 1, 1.0), (0.1, 0, 1.0), (0.1, 1, 0.0)])
def test_what_cannot_run_is_refused(delta: float, every: int, bound: float) -> None:
    with pytest.raises(ConfigurationError, match="ADWIN"):
        ADWIN(delta, every, bound)


def test_a_state_of_something_else_is_refused() -> None:
    with pytest.raises(StateError, match="ADWIN"):
        ADWIN().load({"counters": np.zeros(3)})
