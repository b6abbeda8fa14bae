"""Events of one user, by hand, and what the rules say about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from udfs.quality.anomaly.user_options import CLICK, IMPRESSION, UserReason
from udfs.quality.anomaly.user_rules import UserRules

START = 1_700_000_000.0
Event = tuple[int, float]
"""Kind, and seconds since the beginning."""


def judged(rules: UserRules, events: Iterable[Event], user: int = 7) -> list[UserReason]:
    rows = list(events)
    kinds = np.array([kind for kind, _ in rows], np.uint8)
    times = np.array([(START + time) * 1e6 for _, time in rows]).astype(np.int64)
    return [UserReason(reason) for reason in rules.update(np.full(len(rows), user, np.uint64), kinds, times).tolist()]


def pages(times: Iterable[float], size: int = 8) -> list[Event]:
    return [(IMPRESSION, time + 0.01 * i) for time in times for i in range(size)]


def clicks(times: Iterable[float]) -> list[Event]:
    return [(CLICK, time) for time in times]


def in_order(*streams: Sequence[Event]) -> list[Event]:
    return sorted((event for stream in streams for event in stream), key=lambda event: event[1])


def thinking(seed: int, n: int, median: float = 12.0, sigma: float = 1.0, leaves: float = 0.1) -> list[float]:
    """Times of a person's pages, with a pause of hours now and then."""
    rng = np.random.default_rng(seed)
    gaps = 1.2 + median * np.exp(rng.normal(0.0, sigma, n)) + 7200.0 * (rng.random(n) < leaves)
    return list(np.cumsum(gaps).tolist())


def first(reasons: Sequence[UserReason], reason: UserReason) -> int:
    """Number of the first event that was judged so."""
    return reasons.index(reason)
