"""Whoever never leaves is none of the people, who do."""

from __future__ import annotations

import math

import numpy as np

from tests.unit.udfs.quality.anomaly.streams import first, judged, pages, thinking
from udfs.quality.anomaly import bets
from udfs.quality.anomaly.evidence import limit
from udfs.quality.anomaly.user_options import UserOptions, UserReason
from udfs.quality.anomaly.user_rules import UserRules


def test_an_irregular_bot_that_never_pauses() -> None:
    gaps = 60.0 * np.random.default_rng(1).uniform(0.3, 1.7, 400)
    reasons = judged(UserRules(UserOptions()), pages(np.cumsum(gaps)))
    bets_won = math.ceil(limit(UserOptions().error, len(UserReason) - 1) / bets.gains()[bets.PAUSE, 0])
    assert first(reasons, UserReason.RESTLESS) == (1 + bets_won) * 8 + 1


def test_people_leave() -> None:
    for seed in range(10):
        reasons = judged(UserRules(UserOptions()), pages(thinking(seed, 1500, median=30.0)))
        assert set(reasons) == {UserReason.FINE}


def test_where_people_stay_the_rule_learns_it() -> None:
    def stays(seed: int) -> list[float]:
        return thinking(seed, 60, median=30.0, sigma=0.55, leaves=0.0)

    rules = UserRules(UserOptions())
    for user in range(200):
        judged(rules, pages(stays(user), size=2), user=user)
    for user in range(300, 320):
        rng = np.random.default_rng(user)
        long = np.cumsum(30.0 * np.exp(rng.normal(0.0, 0.55, 400)))
        assert UserReason.RESTLESS not in judged(rules, pages(long, size=2), user=user)
