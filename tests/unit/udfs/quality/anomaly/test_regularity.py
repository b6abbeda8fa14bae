"""Bots that pace themselves, and people, who do not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.udfs.quality.anomaly.streams import clicks, first, in_order, judged, pages, thinking
from udfs.quality.anomaly.user_options import UserOptions, UserReason
from udfs.quality.anomaly.user_rules import UserRules


def regular(seed: int, interval: float, jitter: float, n: int = 100) -> list[float]:
    gaps = interval * (1.0 + jitter * np.random.default_rng(seed).uniform(-1.0, 1.0, n))
    return list(np.cumsum(gaps).tolist())


@pytest.mark.parametrize("jitter", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("interval", [6.0, 30.0, 3600.0])
def test_a_regular_bot_is_found_within_twenty_pages(interval: float, jitter: float) -> None:
    reasons = judged(UserRules(UserOptions()), pages(regular(1, interval, jitter)))
    assert first(reasons, UserReason.REGULAR) <= 20 * 8
    assert reasons[-1] == UserReason.REGULAR


def test_pauses_and_clicks_do_no_harm() -> None:
    times = np.array(regular(1, 20.0, 0.05))
    times[10:] += 5000.0
    times[50:] += 70_000.0
    events = in_order(pages(times), clicks(times[::5] + 7.0))
    reasons = judged(UserRules(UserOptions()), events)
    assert first(reasons, UserReason.REGULAR) < 200
    assert set(reasons[200:]) == {UserReason.REGULAR}


@pytest.mark.parametrize("sigma", [0.5, 0.8, 1.2])
def test_people_are_not_regular(sigma: float) -> None:
    for seed in range(20):
        reasons = judged(UserRules(UserOptions()), pages(thinking(seed, 300, median=20.0, sigma=sigma)))
        assert set(reasons) == {UserReason.FINE}


def test_an_event_that_came_too_early_hides_nothing() -> None:
    events = pages(regular(1, 5.0, 0.01))
    late = [(kind, time + 600.0) for kind, time in events]
    reasons = judged(UserRules(UserOptions()), [late[-1], *events])
    assert first(reasons, UserReason.REGULAR) < 100


def test_pages_that_come_out_of_order_are_not_regular() -> None:
    """Two pages ten seconds apart, their impressions mixed: the gaps look alike, and mean nothing."""
    events = pages([0.0, 10.0])
    mixed = [events[i % 2 * 8 + i // 2] for i in range(16)]
    rules = UserRules(UserOptions(learn=0))
    shifted = [(kind, time + 1000.0 * i) for i in range(8) for kind, time in mixed]
    assert set(judged(rules, shifted)) == {UserReason.FINE}
