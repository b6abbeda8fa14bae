"""Evidence that a user is a bot: the logarithm of a likelihood ratio, added up event by event and bounded.

A rule bets at every event on what a bot would do against what people do: a Wald (1945, "Sequential tests of statistical
hypotheses") likelihood ratio. Under people's distribution the ratio is a non-negative martingale, so it ever exceeds
``1 / error`` with probability ``error`` at the most, however often it is looked at (Ville's inequality; Ramdas et al.
2023, "Game-theoretic statistics and safe anytime-valid inference"): no correction for repeated testing is left to make.

As in Page's (1954) CUSUM the evidence has a floor, so that an account that turns into a bot is found soon; it lies a
whole limit below zero, so that a start anew from it errs with the square of the probability of the first.
It has a ceiling as well, so that whoever behaves for a while is acquitted: when the evidence is back at zero.
"""

from __future__ import annotations

import math

from udfs.jit import inlined


def limit(error: float, rules: int) -> float:
    """Return the evidence that convicts, in nats, where so many rules together err with ``error`` (Bonferroni)."""
    return math.log(rules / error)


@inlined
def add(evidence: float, weight: float, limit: float, ceiling: float = 2.0) -> float:
    """Return the evidence after a bet that gained ``weight``, from minus one to ``ceiling`` limits."""
    return min(max(evidence + weight, -limit), ceiling * limit)


@inlined
def flag(flags: int, rule: int, evidence: float, limit: float) -> int:
    """Return the flags after a look at one rule's evidence: set from the limit on, cleared at zero."""
    if evidence >= limit:
        return flags | (1 << rule)
    if evidence <= 0.0:
        return flags & ~(1 << rule)
    return flags
