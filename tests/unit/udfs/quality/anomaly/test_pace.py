"""Nobody reads that fast, for a moment or for a day."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.udfs.quality.anomaly.streams import first, judged, pages, thinking
from udfs.quality.anomaly import pace
from udfs.quality.anomaly.user_options import OTHER, UserOptions, UserReason
from udfs.quality.anomaly.user_rules import UserRules


@pytest.mark.parametrize("per_second", [3.0, 5.0, 50.0])
def test_a_scraper_that_takes_one_after_the_other(per_second: float) -> None:
    gaps = np.random.default_rng(1).exponential(1.0 / per_second, 1000)
    reasons = judged(UserRules(UserOptions()), pages(np.cumsum(gaps), size=1))
    assert first(reasons, UserReason.PACE) < 120
    assert reasons[-1] == UserReason.PACE


def test_a_scraper_that_takes_page_after_page() -> None:
    reasons = judged(UserRules(UserOptions()), pages(np.arange(100) * 1.5))
    assert first(reasons, UserReason.PACE) < 100


def test_a_person_is_slower() -> None:
    for seed in range(20):
        assert set(judged(UserRules(UserOptions()), pages(thinking(seed, 300)))) == {UserReason.FINE}


def test_a_page_is_as_long_as_the_shop_says() -> None:
    long = pages(thinking(1, 30), size=60)
    assert UserReason.PACE in judged(UserRules(UserOptions()), long)
    assert set(judged(UserRules(UserOptions(page=60)), long)) == {UserReason.FINE}


def test_longer_pages_are_learned_from_everybody() -> None:
    rules = UserRules(UserOptions())
    for user in range(300):
        judged(rules, pages(thinking(user, 3), size=30), user=user)
    assert set(judged(rules, pages(thinking(1, 30), size=30), user=1000)) == {UserReason.FINE}


def test_who_slows_down_is_acquitted_after_a_while() -> None:
    rules = UserRules(UserOptions())
    assert judged(rules, pages(np.arange(60) * 1.5))[-1] == UserReason.PACE
    after = judged(rules, pages(100.0 + np.arange(60) * 40.0 + np.random.default_rng(1).uniform(0, 39, 60)))
    assert after[16] == UserReason.PACE
    assert after[-1] == UserReason.FINE


def test_a_day_has_its_limit_and_a_quiet_one_acquits() -> None:
    rules = UserRules(UserOptions(page=12))
    rng = np.random.default_rng(2)
    busy = np.cumsum(np.exp(rng.normal(2.0, 0.8, 8000)) + 1.1 + 900.0 * (rng.random(8000) < 0.002))
    reasons = judged(rules, [(OTHER, time) for _, time in pages(busy, size=12)])
    number = first(reasons, UserReason.DAY)
    assert number > pace.DAY_LIMIT
    assert set(reasons[:number]) == {UserReason.FINE}
    next_day = judged(rules, [(OTHER, float(busy[-1]) + 86_400.0 * (1 + i)) for i in range(3)])
    assert next_day == [UserReason.DAY, UserReason.FINE, UserReason.FINE]
