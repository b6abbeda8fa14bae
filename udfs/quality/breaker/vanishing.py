"""A sequential test of whether what happens at a known rate has ceased, and whether it is back.

Page's (1954) cumulative sum of log-likelihood ratios. With ``e`` expected under the lowest rate that is still normal
and ``x`` seen, the sum grows by ``e * (1 - REST) - x * log(1 / REST)``, and is never below 0: the likelihood of Poisson
counts at REST of the rate over that at the rate. ``E[exp(growth)] <= 1`` for Poisson and for Bernoulli counts of at
least that rate, so the sum exceeds ``bound`` from one return to 0 to the next with probability ``exp(-bound)`` at most,
and what ceased altogether is noticed after ``bound / ((1 - REST) * rate)`` exposures.

Occurrences come in clumps: a page of results shares its query, a session its mood. Bound and delay are therefore
multiplied by the design effect (Kish 1965), the variance of the counts of ``block`` exposures over that of independent
ones, as neighbouring blocks show it.

All that is normal is estimated from exposures before the sum last was 0 only, so that a break does not become its own
reference.
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
"""What being back is weighed against, as a share of the lowest normal rate: half of the reference is back."""
BACK_BOUND: Final = math.log(1e4)
BLOCKS_KEPT: Final = 200.0
"""Blocks that the design effect is estimated from."""
BLOCKS_NEEDED: Final = 16.0
"""Blocks before a test begins."""
TOLERATED: Final = 1.5
"""A design effect that costs nothing: at the reference rate the sum exceeds two thirds of a bound as rarely as it
exceeds the bound at FALL of that rate."""
_LEAST: Final = 0.01
"""The least share of absences that counts: the first step of a break, half of it whole, is no clump of what always
occurred."""
_REST_LOSS: Final = math.log(1.0 / REST)
_BACK_GAIN: Final = math.log(1.0 / BACK)

# Of the running sum come first, up to SINCE; from FAST_EXPOSED on, what is normal.
(
    TRIPPED,
    SUM,
    RETURN,
    EXPOSED,
    SEEN,
    SINCE,
    LOW,
    BOUND,
    BACK_AT,
    FAST_EXPOSED,
    FAST_SEEN,
    SLOW_EXPOSED,
    SLOW_SEEN,
    ALL_EXPOSED,
    ALL_SEEN,
    BLOCK_EXPOSED,
    BLOCK_SEEN,
    BLOCK_RATE,
    BLOCKS,
    SCATTER,
    INDEPENDENT,
    LEARNED,
) = range(22)


class Rules(NamedTuple):
    """What a guard's tests have in common.

    Attributes:
        apart: exposures between two false alarms of one test.
        window: exposures that the fast reference remembers at least.
        shortest: exposures that a break lasts at least.
        block: exposures of a block, more than a clump has.
        most: occurrences that one exposure can have: 1, or infinity.
    """

    apart: float
    window: float
    shortest: float
    block: float
    most: float


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
        tests[row, TRIPPED] = np.float64(back < tests[row, BACK_AT])
        return bool(back >= tests[row, BACK_AT])
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
    tests[row, BLOCK_EXPOSED] += exposed
    tests[row, BLOCK_SEEN] += seen
    if tests[row, BLOCK_EXPOSED] >= rules.block:
        _close_block(tests, row, rules.most)
    tests[row, LOW] = 0.0
    if tests[row, ALL_SEEN] >= OCCURRENCES and tests[row, BLOCKS] >= BLOCKS_NEEDED:
        lately = tests[row, FAST_SEEN] / tests[row, FAST_EXPOSED]
        this_week = tests[row, SLOW_SEEN] / tests[row, SLOW_EXPOSED]
        tests[row, LOW] = FALL * min(lately, this_week)
        # The estimate from m blocks scatters by sqrt(3 / m) (von Neumann 1941): its upper end counts.
        scatter = math.sqrt(3.0 / min(tests[row, BLOCKS], BLOCKS_KEPT))
        clumps = max(1.0, design_effect(tests, row) * (1.0 + 2.0 * scatter) / TOLERATED)
        tests[row, BOUND] = clumps * max(1.0, math.log(rules.apart * tests[row, LOW]))
        tests[row, BACK_AT] = clumps * BACK_BOUND
    forget(tests, row)


@loop
def _close_block(tests: F64, row: int, most: float) -> None:
    """Let a block's rate, beside that of the block before it, enter the design effect: slow changes hardly do."""
    exposed, rate = tests[row, BLOCK_EXPOSED], tests[row, BLOCK_SEEN] / tests[row, BLOCK_EXPOSED]
    if tests[row, BLOCKS] > 0.0:
        keep, step, mean = 1.0 - 1.0 / BLOCKS_KEPT, rate - tests[row, BLOCK_RATE], (rate + tests[row, BLOCK_RATE]) / 2.0
        tests[row, SCATTER] = tests[row, SCATTER] * keep + step * step / 2.0 * exposed
        tests[row, INDEPENDENT] = tests[row, INDEPENDENT] * keep + mean * max(_LEAST, 1.0 - mean / most)
    tests[row, BLOCKS] += 1.0
    tests[row, BLOCK_RATE] = rate
    tests[row, BLOCK_EXPOSED] = tests[row, BLOCK_SEEN] = 0.0


@loop
def design_effect(tests: F64, row: int) -> float:
    """Return the variance of blocks over that of independent occurrences; 1 while nothing occurred."""
    independent = tests[row, INDEPENDENT]
    return float(tests[row, SCATTER] / independent) if independent > 0.0 else 1.0


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
