"""Evidence errs no more often than it may, has a floor and a ceiling, and acquits at zero."""

from __future__ import annotations

import math

import numpy as np

from udfs.quality.anomaly import evidence


def test_the_error_is_shared_among_the_rules() -> None:
    assert evidence.limit(1e-4, 7) == math.log(7e4)


def test_floor_and_ceiling() -> None:
    assert evidence.add(0.0, -100.0, 5.0) == -5.0
    assert evidence.add(4.0, 100.0, 5.0) == 10.0
    assert evidence.add(4.0, 100.0, 5.0, 6.0) == 30.0
    assert evidence.add(1.0, 1.5, 5.0) == 2.5


def test_flags_are_set_at_the_limit_and_cleared_at_zero() -> None:
    assert evidence.flag(0, 3, 4.9, 5.0) == 0
    assert evidence.flag(1, 3, 5.0, 5.0) == 0b1001
    assert evidence.flag(0b1001, 3, 0.1, 5.0) == 0b1001
    assert evidence.flag(0b1001, 3, 0.0, 5.0) == 1


def test_looking_after_every_event_errs_with_the_stated_probability_at_the_most() -> None:
    """Ville's inequality, on 4,000 people of 500 events each and an error of 5 %."""
    rng = np.random.default_rng(1)
    limit = math.log(1.0 / 0.05)
    people, bots = 0.3, 0.6
    hit, miss = math.log(bots / people), math.log((1.0 - bots) / (1.0 - people))
    ever = 0
    for _ in range(4000):
        walk = np.cumsum(np.where(rng.random(500) < people, hit, miss))
        ever += walk.max() >= limit
    assert 0.01 < ever / 4000 <= 0.05
