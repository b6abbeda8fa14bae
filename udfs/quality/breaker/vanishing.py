"""A sequential test of whether what happens at a known rate has ceased, and whether it is back.

Page's (1954) cumulative sum of log-likelihood ratios. With ``e`` expected under the lowest rate that is still normal
and ``x`` seen, the sum grows by ``e * (1 - REST) - x * log(1 / REST)``, and is never below 0: the likelihood of Poisson
counts at REST of the rate over that at the rate. ``E[exp(growth)] <= 1`` for Poisson and for Bernoulli counts of at
least that rate, so the sum exceeds ``bound`` from one return to 0 to the next with probability ``exp(-bound)`` at most,
and what ceased altogether is noticed after ``bound / ((1 - REST) * rate)`` exposures.

The rate that is normal is estimated from exposures before the sum last was 0 only, so that a break does not become its
own reference.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from udfs.jit import loop
from udfs.types import F64

REST: Final = 0.05
"""What is left of a rate that has ceased."""
FALL: Final = 0.7
"""The lowest rate that is normal, as a share of the reference: no evidence is what stays above it."""
OCCURRENCES: Final = 100.0
"""How many occurrences the fast reference remembers, and how many a test needs before it begins."""
WEEK: Final = 7 * 24 * 3600e6
"""The memory of the slow reference, microseconds: a sale of a day hardly moves it."""
BACK: Final = 0.5
"""The share of the lowest normal rate that what has ceased must exceed to be back."""
BACK_BOUND: Final = math.log(1e4)
_REST_LOSS: Final = math.log(1.0 / REST)
_BACK_GAIN: Final = math.log(1.0 / BACK)

(
    TRIPPED,
    SUM,
    RETURN,
    EXPOSED,
    SEEN,
    SINCE,
    LOW,
    BOUND,
    FAST_EXPOSED,
    FAST_SEEN,
    SLOW_EXPOSED,
    SLOW_SEEN,
    ALL_EXPOSED,
    ALL_SEEN,
    LEARNED,
) = range(15)


class Rules(NamedTuple):
    """What a guard's tests have in common.

    Attributes:
        apart: exposures between two false alarms of one test.
        window: exposures that the fast reference remembers at least.
        shortest: exposures that a break lasts at least: occurrences come and stay away in bursts.
    """

    apart: float
    window: float
    shortest: float


def new(count: int) -> F64:
    """Return tests (count, fields) that know nothing."""
    return np.zeros((count, LEARNED + 1))


@loop
def observe(tests: F64, row: int, exposed: float, seen: float, expected: float, rules: Rules, now: float) -> bool:
    """Take what was seen of what was expected under the lowest normal rate; return whether the test changed its mind.

    A test that did keeps its figures until ``forget``.
    """
    if tests[row, EXPOSED] == 0.0:
        tests[row, SINCE] = now
    tests[row, EXPOSED] += exposed
    tests[row, SEEN] += seen
    if tests[row, TRIPPED] == 1.0:
        back = tests[row, RETURN] + seen * _BACK_GAIN - expected * (1.0 - BACK)
        tests[row, RETURN] = max(0.0, back)
        tests[row, TRIPPED] = np.float64(back < BACK_BOUND)
        return bool(back >= BACK_BOUND)
    ceased = max(0.0, tests[row, SUM] + expected * (1.0 - REST) - seen * _REST_LOSS)
    tests[row, SUM] = ceased
    if ceased == 0.0:
        learn(tests, row, rules, now)
    elif ceased >= tests[row, BOUND] and tests[row, EXPOSED] >= rules.shortest:
        tests[row, TRIPPED] = 1.0
        return True
    return False


@loop
def learn(tests: F64, row: int, rules: Rules, now: float) -> None:
    """Let what was seen since the sum last was 0 enter the references."""
    exposed, seen = tests[row, EXPOSED], tests[row, SEEN]
    fast = math.exp(-min(seen / OCCURRENCES, exposed / rules.window))
    slow = math.exp(-max(0.0, now - tests[row, LEARNED]) / WEEK)
    tests[row, FAST_EXPOSED] = tests[row, FAST_EXPOSED] * fast + exposed
    tests[row, FAST_SEEN] = tests[row, FAST_SEEN] * fast + seen
    tests[row, SLOW_EXPOSED] = tests[row, SLOW_EXPOSED] * slow + exposed
    tests[row, SLOW_SEEN] = tests[row, SLOW_SEEN] * slow + seen
    tests[row, ALL_EXPOSED] += exposed
    tests[row, ALL_SEEN] += seen
    tests[row, LEARNED] = now
    tests[row, LOW] = 0.0
    if tests[row, ALL_SEEN] >= OCCURRENCES and tests[row, ALL_EXPOSED] >= rules.window:
        lately = tests[row, FAST_SEEN] / tests[row, FAST_EXPOSED]
        this_week = tests[row, SLOW_SEEN] / tests[row, SLOW_EXPOSED]
        tests[row, LOW] = FALL * min(lately, this_week)
        tests[row, BOUND] = max(1.0, math.log(rules.apart * tests[row, LOW]))
    forget(tests, row)


@loop
def forget(tests: F64, row: int) -> None:
    """Begin a test anew, with the references that it has."""
    for field in range(LOW):
        tests[row, field] = 0.0


@loop
def accept(tests: F64, row: int, rules: Rules, now: float) -> None:
    """Take what was seen since the break began as the only reference."""
    for field in range(FAST_EXPOSED, LEARNED):
        tests[row, field] = 0.0
    learn(tests, row, rules, now)


def figures(test: F64) -> dict[str, float]:
    """Return what a test saw since its sum last was 0: expected at the reference rate and seen, their z, exposures."""
    expected, seen = float(test[EXPOSED] * test[LOW] / FALL), float(test[SEEN])
    rate = min(1.0, expected / test[EXPOSED]) if test[EXPOSED] else 0.0
    deviation = math.sqrt(expected * (1.0 - rate)) if rate < 1.0 else math.sqrt(expected)
    return {"expected": expected, "seen": seen, "z": (seen - expected) / deviation if deviation else 0.0}
