"""``python -m benchmarks.quality.anomaly_speed``: what the anomaly rules cost an event, in CPU time, warm.

Users and items are random ones out of 100,000, the worst case for caches; the least of several repetitions.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import numpy as np

from udfs.quality.anomaly.item_options import ItemOptions
from udfs.quality.anomaly.item_rules import ItemRules
from udfs.quality.anomaly.outlier_options import OutlierOptions
from udfs.quality.anomaly.outliers import Outliers
from udfs.quality.anomaly.strange_examples import StrangeExamples, StrangeOptions
from udfs.quality.anomaly.user_options import UserOptions
from udfs.quality.anomaly.user_rules import UserRules

_EVENTS = 200_000
_KEYS = 100_000


def microseconds(work: Callable[[], object], events: int = _EVENTS, repetitions: int = 7) -> float:
    """Return the CPU time of an event: the least of several repetitions after one that warms up."""
    work()
    least = float("inf")
    for _ in range(repetitions):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return least / events * 1e6


def figures(events: int = _EVENTS) -> dict[str, float]:
    """Return microseconds of CPU time an event, by rules."""
    rng = np.random.default_rng(1)
    keys = rng.integers(0, 1 << 63, _KEYS).astype(np.uint64)
    users, items = keys[rng.integers(0, _KEYS, events)], keys[rng.integers(0, _KEYS, events)]
    kinds = rng.choice(3, events, p=[0.9, 0.05, 0.05]).astype(np.uint8)
    times, hours = np.arange(events) * 20_000, itertools.count(10**15, events * 20_000)
    dense, slots = rng.normal(size=(events, 4)), rng.integers(0, 2**32, (events, 4)).astype(np.uint32)
    by_user = UserRules(UserOptions(max_users=196_608))
    by_item = ItemRules(ItemOptions(max_items=196_608))
    outliers, strange = Outliers(OutlierOptions(ratios=False)), StrangeExamples(StrangeOptions(), 4, 4)
    few = keys[rng.integers(0, 200, events)]
    work = {
        "rules about users": lambda: by_user.update(users, kinds, times + next(hours)),
        "rules about items": lambda: by_item.update(items, users, kinds, times + next(hours)),
        "outliers of a number": lambda: outliers.update(few, dense[:, 0].copy()),
        "strange examples, 4 numbers and 4 categories": lambda: strange.update(dense, slots),
    }
    return {name: microseconds(rules, events) for name, rules in work.items()}


if __name__ == "__main__":
    for name, cost in figures().items():
        print(f"{name:48}{cost:8.3f} us")
