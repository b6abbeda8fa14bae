"""Whether a partition of a topic has fallen silent while others go on.

Exposures are minutes of impression time in which there were examples at all: a pause of everything is no evidence. The
partitions of a bounded input are files, which end, and are not watched.
"""

from __future__ import annotations

import math

from udfs.jit import loop
from udfs.quality.breaker.vanishing import LOW, Rules, observe
from udfs.types import F64, Bool


def rules(apart: float, silence: float) -> Rules:
    """Return the rules for false alarms so many minutes apart, and silences of so many minutes at least."""
    return Rules(apart, window=15.0, shortest=silence, block=1.0, most=math.inf)


@loop
def minute(tests: F64, examples: F64, of_topic: Bool, used: int, rules: Rules, now: float) -> bool:
    """Take the examples (p,) of a minute and zero them; return whether a test changed."""
    changed = False
    for p in range(used):
        if of_topic[p]:
            changed |= observe(tests, p, 1.0, examples[p], tests[p, LOW], rules, now)
        examples[p] = 0.0
    return changed
