"""The sequential test: false alarms as rare as designed, delays as the formula says, references that breaks leave."""

from __future__ import annotations

import math

import numpy as np
import pytest

from udfs.quality.breaker import vanishing
from udfs.quality.breaker.vanishing import BOUND, FALL, LOW, REST, TRIPPED, Rules
from udfs.types import F64

STEP = 64
RULES = Rules(apart=1e9, window=5_000.0, shortest=200.0, block=1_000.0, most=1.0)
PINNED = Rules(apart=1e4, window=1e18, shortest=0.0, block=1e30, most=1.0)
"""For a reference that nothing moves any more."""


def warm(rate: float, rules: Rules = RULES) -> F64:
    """One test that has seen much of a rate."""
    tests = vanishing.new(1)
    tests[0, vanishing.EXPOSED], tests[0, vanishing.SEEN] = 2e18, 2e18 * rate
    tests[0, vanishing.BLOCKS], tests[0, vanishing.BLOCK_RATE] = vanishing.BLOCKS_NEEDED, rate
    vanishing.learn(tests, 0, rules, 1.0)
    assert tests[0, LOW] == pytest.approx(FALL * rate)
    return tests


def changes(tests: F64, seen: F64, rules: Rules) -> list[int]:
    """Feed what was seen in steps; return the steps at which the test changed its mind."""
    found = []
    for i, x in enumerate(seen.tolist()):
        if vanishing.observe(tests, 0, STEP, x, STEP * tests[0, LOW], rules, float(i)):
            found.append(i)
            if not tests[0, TRIPPED]:
                vanishing.forget(tests, 0)
    return found


@pytest.mark.parametrize("rate", [0.01, 0.04, 0.1, 0.99])
def test_what_ceases_is_noticed_when_the_formula_says(rate: float) -> None:
    tests = warm(rate)
    needed = max(RULES.shortest, math.log(RULES.apart * FALL * rate) / ((1 - REST) * FALL * rate))
    assert changes(tests, np.zeros(int(needed / STEP) + 1), RULES) == [math.ceil(needed / STEP) - 1]


@pytest.mark.parametrize("rate", [0.01, 0.04, 0.1])
def test_false_alarms_are_no_nearer_than_apart_at_the_lowest_normal_rate(rate: float) -> None:
    tests, rng, n = warm(rate, PINNED), np.random.default_rng(1), 10_000_000
    alarms = 0
    for x in rng.binomial(STEP, FALL * rate, n // STEP).tolist():
        if vanishing.observe(tests, 0, STEP, x, STEP * tests[0, LOW], PINNED, 1.0):
            alarms += 1
            vanishing.forget(tests, 0)
    assert 0 < alarms <= n / PINNED.apart


def test_a_rate_above_the_lowest_raises_no_alarm() -> None:
    tests = warm(0.04)
    assert changes(tests, np.random.default_rng(1).binomial(STEP, 0.04, 100_000).astype(float), RULES) == []


def test_the_reference_follows_a_slow_fall_and_keeps_out_a_break() -> None:
    tests, rng = warm(0.04), np.random.default_rng(1)
    fall = rng.binomial(STEP, np.linspace(0.04, 0.02, 20_000)).astype(float)
    assert changes(tests, fall, RULES) == []
    low = tests[0, LOW]
    assert low == pytest.approx(FALL * 0.02, rel=0.25)
    assert len(changes(tests, np.zeros(1_000), RULES)) == 1
    assert tests[0, LOW] == low


def test_it_is_back_at_the_old_rate_and_not_at_a_fifth_of_it() -> None:
    tests, rng = warm(0.04), np.random.default_rng(1)
    assert changes(tests, np.zeros(100), RULES)
    assert changes(tests, rng.binomial(STEP, 0.008, 10_000).astype(float), RULES) == []
    (back,) = changes(tests, rng.binomial(STEP, 0.04, 100).astype(float), RULES)
    assert back * STEP < 5_000


def test_nothing_is_judged_before_enough_was_seen() -> None:
    tests = vanishing.new(1)
    assert changes(tests, np.ones(80), RULES) == []
    assert tests[0, LOW] == 0.0
    assert changes(tests, np.zeros(10_000), RULES) == []


def test_a_short_absence_is_no_break() -> None:
    tests = warm(0.99)
    assert changes(tests, np.array([0.0, 0.0, 0.0, 64.0, 64.0]), RULES) == []
    assert changes(tests, np.array([0.0, 0.0, 0.0, 0.0]), RULES) == [3]


def test_accepting_takes_the_break_as_the_reference() -> None:
    tests = warm(0.04)
    changes(tests, np.zeros(1_000), RULES)
    assert tests[0, TRIPPED]
    vanishing.accept(tests, 0, RULES, 1.0)
    assert (tests[0, TRIPPED], tests[0, LOW]) == (0.0, 0.0)
    assert changes(tests, np.zeros(1_000), RULES) == []
    # A rate that is there again is learned like a new one.
    assert changes(tests, np.random.default_rng(1).binomial(STEP, 0.04, 10_000).astype(float), RULES) == []
    assert tests[0, LOW] == pytest.approx(FALL * 0.04, rel=0.3)


def clumped(rng: np.random.Generator, rate: float, size: int, n: int) -> F64:
    """Counts of steps whose occurrences come ``size`` at a time."""
    return np.asarray((rng.random(n // size) < rate).repeat(size).reshape(-1, STEP).sum(axis=1, dtype=np.float64))


@pytest.mark.parametrize(("rate", "size"), [(0.02, 1), (0.02, 16), (0.5, 16), (0.5, 128), (0.98, 1), (0.98, 64)])
def test_clumps_raise_no_alarm_and_what_ceases_is_noticed_later(rate: float, size: int) -> None:
    tests, rng = vanishing.new(1), np.random.default_rng(1)
    assert changes(tests, clumped(rng, rate, size, 128 * 20_000), RULES) == []
    assert vanishing.design_effect(tests, 0) == pytest.approx(size, rel=0.35)
    needed = max(200.0, tests[0, BOUND] / ((1 - REST) * tests[0, LOW]))
    assert needed <= max(200.0, 1.4 * size * math.log(1e9 * rate) / ((1 - REST) * FALL * rate))
    (noticed,) = changes(tests, np.zeros(20_000), RULES)
    assert noticed <= needed / STEP


def test_the_first_step_of_a_break_is_no_clump() -> None:
    tests = vanishing.new(1)
    assert changes(tests, np.full(1_000, 64.0), RULES) == []
    assert changes(tests, np.array([40.0, 0.0, 0.0, 0.0, 0.0]), RULES) == [4]


def test_figures_are_those_since_the_break_began() -> None:
    tests = warm(0.04)
    (last,) = changes(tests, np.zeros(100), RULES)
    tests[0, vanishing.EXPOSED] = (last + 1) * STEP
    expected = (last + 1) * STEP * 0.04
    figures = vanishing.figures(tests[0])
    assert figures["expected"] == pytest.approx(expected)
    assert figures["seen"] == 0.0
    assert figures["z"] == pytest.approx(-expected / math.sqrt(expected * 0.96))
    assert tests[0, BOUND] == pytest.approx(math.log(1e9 * FALL * 0.04))
