"""A bound on scores that a given share of them exceeds: a running quantile.

Robbins & Monro (1951), on the logarithm: a score above the bound raises it by a step, one below lowers it by a step
times the share, and so the bound rests where alarms are as rare as they should be. Scores that are far above do not
raise it: a fault that lasts is an alarm as long as it lasts.
"""

from __future__ import annotations

import math
from typing import Final

from udfs.jit import inlined

_STEP: Final = 0.02
NEAR: Final = 2.0
"""Times the bound that a score may be to raise it."""


@inlined
def follow(bound: float, score: float, rate: float) -> float:
    """Return the bound after one more score, both positive, where ``rate`` of the scores may exceed it."""
    if score <= bound:
        return bound * math.exp(-_STEP * rate)
    return bound * math.exp(_STEP * (1.0 - rate)) if score <= NEAR * bound else bound
