"""Columns whose values are no longer there."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.quality.breaker import coverage, vanishing
from udfs.quality.breaker.vanishing import TRIPPED

RULES = coverage.rules(1e9)
STEP = 64


@pytest.mark.parametrize(("usual", "steps"), [(1.0, 4), (0.99, 4), (0.5, 4), (0.05, 12)])
def test_a_column_that_is_empty_trips_alone(usual: float, steps: int) -> None:
    tests, rng = vanishing.new(2), np.random.default_rng(1)
    for step in range(1_000 + steps):
        asked, there = np.full(2, float(STEP)), rng.binomial(STEP, usual, 2).astype(np.float64)
        if step >= 1_000:
            there[1] = 0.0
        coverage.step(tests, asked, there, RULES, 1.0)
        assert step < 1_000 + steps - 1 or tests[:, TRIPPED].tolist() == [0.0, 1.0]
        assert step >= 1_000 or not tests[:, TRIPPED].any()
        assert asked.tolist() == there.tolist() == [0.0, 0.0]


def test_a_column_that_nobody_asks_about_says_nothing() -> None:
    tests = vanishing.new(1)
    before = tests.copy()
    assert not coverage.step(tests, np.zeros(1), np.zeros(1), RULES, 1.0)
    assert np.array_equal(tests, before)
