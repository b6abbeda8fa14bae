"""Whether a field has become empty: its values are no longer there, or are all zero."""

from __future__ import annotations

from udfs.jit import loop
from udfs.quality.breaker.vanishing import LOW, Rules, observe
from udfs.types import F64


def rules(apart: float) -> Rules:
    """Return the rules for false alarms so many examples apart."""
    return Rules(apart, window=5_000.0, shortest=200.0, block=1_000.0, most=1.0)


@loop
def step(tests: F64, asked: F64, there: F64, rules: Rules, now: float) -> bool:
    """Take how often each column (c,) was looked at and there since the last step; return whether a test changed."""
    changed = False
    for c in range(len(tests)):
        if asked[c] > 0.0:
            changed |= observe(tests, c, asked[c], there[c], asked[c] * tests[c, LOW], rules, now)
            asked[c] = there[c] = 0.0
    return changed
