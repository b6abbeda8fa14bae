"""Bets on cells: how often people and bots are in each cell, and what a rule gains when it sees one.

What people do is assumed beforehand and learned from the users who are not flagged. Learning makes a rule more careful
and never bolder: a suspicious cell counts as often as it was assumed or seen, whichever is more. So a shop whose pages
are longer or whose clock ticks in seconds accuses nobody, and bots that go undetected cannot teach the rules that
people are rare.
"""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist
from typing import Final

import numpy as np

from udfs.jit import loop
from udfs.types import F64

PACE, FLOW, REGULARITY, PAUSE, ANSWER = range(5)
_CELLS: Final = 4

GAPS: Final = (2_000_000, 4_000_000, 8_000_000)
"""Bounds of the cells of ``PACE``, microseconds from one page to the next."""

DEVIATIONS: Final = (0.05, 0.2)
"""Bounds of the cells of ``REGULARITY``, as fractions of the user's own interval."""

LEAVES: Final = 3.0
"""Usual intervals after which the cell of ``PAUSE`` is the second: the user was away."""

_THINKING: Final = NormalDist(math.log(6.0), 1.0)
"""Logarithm of the seconds that a quick person takes for a page."""

_SPREAD: Final = 0.5
"""The smallest standard deviation of the logarithm of one person's intervals."""

_WEIGHT: Final = 500.0
"""Observations that the assumptions count for."""

_REFRESH: Final = 256
"""Observations of a bet between two looks at what was learned."""

_FORGET: Final = 1 << 20
"""Observations of a bet after which the older ones count half."""


def _gaps() -> list[float]:
    """Return how often a quick person's gap is in each cell, of those longer than a second."""
    below = [_THINKING.cdf(math.log(bound)) for bound in (1.0, *(gap / 1e6 for gap in GAPS))] + [1.0]
    return [(right - left) / (1.0 - below[0]) for left, right in itertools.pairwise(below)]


def _deviations() -> list[float]:
    """Return how often a person's interval comes near any value, at the most: the normal density at its mode."""
    near = [2.0 * NormalDist(0.0, _SPREAD).cdf(bound) - 1.0 for bound in DEVIATIONS]
    return [near[0], near[1] - near[0], 1.0 - near[1]]


def _table(*rows: list[float]) -> F64:
    return np.array([row + [0.0] * (_CELLS - len(row)) for row in rows])


PEOPLE: Final = _table(_gaps(), [0.7, 0.3], _deviations(), [0.9, 0.1], [0.2, 0.8])
BOTS: Final = _table([0.4, 0.45, 0.1, 0.05], [0.97, 0.03], [0.5, 0.4, 0.1], [0.99, 0.01], [0.9, 0.1])


def assumed() -> F64:
    """Return counts (5, 5) before anything was seen: a row for each bet, in the last column what was seen of it."""
    return np.hstack([PEOPLE * _WEIGHT, np.zeros((len(PEOPLE), 1))])


def gains() -> F64:
    """Return what each cell gains (5, 4), in nats, by the assumptions; 0 in cells that there are not."""
    ratios: F64 = np.divide(BOTS, PEOPLE, out=np.ones_like(BOTS), where=PEOPLE > 0.0)
    gained: F64 = np.log(ratios)
    return gained


@loop
def observe(counts: F64, gained: F64, bet: int, cell: int) -> None:
    """Count what somebody did who is not flagged; every so often what cells gain follows.

    Args:
        counts: (5, 5), in and out.
        gained: (5, 4), in and out.
        bet: which.
        cell: which.
    """
    counts[bet, cell] += 1.0
    counts[bet, _CELLS] += 1.0
    if counts[bet, _CELLS] % _REFRESH == 0.0:
        total = 0.0
        for i in range(_CELLS):
            total += counts[bet, i]
        for i in range(_CELLS):
            if BOTS[bet, i] > PEOPLE[bet, i]:
                gained[bet, i] = math.log(BOTS[bet, i] / max(PEOPLE[bet, i], counts[bet, i] / total))
        if counts[bet, _CELLS] >= _FORGET:
            for i in range(_CELLS + 1):
                counts[bet, i] *= 0.5
