"""Whether positives have ceased: of all examples, and of each partition that impressions came from.

A click partition that dies takes the positives of its share of the users away; impressions that are partitioned by the
same hash show it in one partition. What is expected of all examples is the sum of what their partitions lead to expect,
so that a partition that is read ahead of others shifts nothing.
"""

from __future__ import annotations

from udfs.jit import loop
from udfs.quality.breaker.vanishing import ALL_EXPOSED, BLOCKS, BLOCKS_NEEDED, LOW, OCCURRENCES, Rules, observe
from udfs.types import F64


def rules(apart: float) -> Rules:
    """Return the rules for false alarms so many examples apart."""
    return Rules(apart, window=5_000.0, shortest=200.0, block=1_000.0, most=1.0)


@loop
def step(tests: F64, examples: F64, positives: F64, used: int, rules: Rules, now: float) -> bool:
    """Take the examples and positives (p + 1,) since the last step and zero them; return whether a test changed.

    The first ``used`` of the tests (p + 1, fields) are those of partitions; the last is that of all examples, and its
    counts are those of partitions that are not followed.
    """
    whole = len(tests) - 1
    low = tests[whole, LOW]
    total, seen, expected = examples[whole], positives[whole], examples[whole] * low
    changed = False
    for p in range(used):
        if examples[p] > 0.0:
            normal = examples[p] * tests[p, LOW]
            total, seen = total + examples[p], seen + positives[p]
            # A partition that is new is expected to be like all; one that had its chance to show positives is known.
            few = tests[p, BLOCKS] < BLOCKS_NEEDED or tests[p, ALL_EXPOSED] * low < OCCURRENCES
            expected += examples[p] * low if normal == 0.0 and few else normal
            changed |= observe(tests, p, examples[p], positives[p], normal, rules, now)
            examples[p] = positives[p] = 0.0
    examples[whole] = positives[whole] = 0.0
    return observe(tests, whole, total, seen, expected if low > 0.0 else 0.0, rules, now) or changed
