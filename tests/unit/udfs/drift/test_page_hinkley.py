"""The Page-Hinkley test is the textbook's: river's without forgetting detects the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import drift

from tests.unit.udfs.drift.streams import coins, in_parts, pieces, state
from udfs.drift import PageHinkley
from udfs.errors import ConfigurationError, StateError
from udfs.types import F64


def detected_by_river(values: F64, tolerance: float, threshold: float, grace: int) -> list[int]:
    # Its factor alpha lets the sums fade, which neither Page nor Hinkley has.
    test = drift.PageHinkley(min_instances=grace, delta=tolerance, threshold=threshold, alpha=1.0)
    found = []
    for i, value in enumerate(values.tolist()):
        test.update(value)
        if test.drift_detected:
            found.append(i)
    return found


@pytest.mark.parametrize(("tolerance", "threshold", "grace"), [(0.005, 50.0, 30), (0.01, 20.0, 1), (0.1, 5.0, 100)])
@pytest.mark.parametrize("seed", range(6))
def test_detects_what_river_detects(tolerance: float, threshold: float, grace: int, seed: int) -> None:
    values = pieces(np.random.default_rng(seed))
    expected = detected_by_river(values, tolerance, threshold, grace)
    assert expected
    mine = PageHinkley(tolerance, threshold, grace)
    assert mine.update(values).tolist() == expected
    assert mine.changes == len(expected)
    assert mine.width == len(values) - 1 - expected[-1]
    assert mine.estimate == pytest.approx(values[expected[-1] + 1 :].mean())


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 20), cuts=st.lists(st.integers(0, 15_000), max_size=5))
def test_any_cutting_and_any_restore_gives_the_same(seed: int, cuts: list[int]) -> None:
    values = pieces(np.random.default_rng(seed))
    whole = PageHinkley()
    detected = whole.update(values).tolist()
    assert in_parts(PageHinkley, values, cuts) == (detected, state(whole))


@pytest.mark.parametrize("after", [0.08, 0.0])
def test_both_directions_are_noticed(after: float) -> None:
    for seed in range(20):
        values = coins(np.random.default_rng(seed), (0.04, 20_000), (after, 3_000))
        detected = PageHinkley(tolerance=0.01, threshold=25.0).update(values)
        assert detected.size, seed
        assert detected[0] >= 20_000


def test_false_alarms_are_as_rare_as_the_docstring_says() -> None:
    tolerance, threshold, variance, n = 0.01, 20.0, 0.09, 4_000_000
    r = 2 * tolerance * threshold / variance
    apart = (math.exp(r) - 1 - r) * variance / (2 * tolerance**2)
    detector = PageHinkley(tolerance, threshold)
    detector.update(coins(np.random.default_rng(1), (0.9, n)))
    assert 0.7 < detector.changes / (2 * n / apart) < 1.4


def test_what_is_no_number_is_counted_and_left_out() -> None:
    detector = PageHinkley()
    detector.update(np.array([1.0, math.nan, 2.0, math.inf]))
    assert (detector.skipped, detector.width, detector.estimate) == (2, 2, 1.5)


@pytest.mark.parametrize(("tolerance", "threshold", "grace"), [(-1.0, 1.0, 1), (0.0, 0.0, 1), (0.0, 1.0, 0)])
def test_what_cannot_run_is_refused(tolerance: float, threshold: float, grace: int) -> None:
    with pytest.raises(ConfigurationError, match="Page-Hinkley"):
        PageHinkley(tolerance, threshold, grace)


def test_a_state_of_something_else_is_refused() -> None:
    with pytest.raises(StateError, match="Page-Hinkley"):
        PageHinkley().load({"counters": np.zeros(2, np.int64)})
