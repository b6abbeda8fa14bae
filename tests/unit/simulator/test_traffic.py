from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from simulator.drift import Drift
from simulator.span import DAY_MS, HOUR_MS
from simulator.traffic import Sessions, Traffic

MONDAY_MS = 1_736_121_600_000  # 2025-01-06


def test_the_rate_peaks_at_its_hour_and_its_day() -> None:
    hours = np.arange(MONDAY_MS, MONDAY_MS + 7 * DAY_MS, HOUR_MS).astype(np.float64)
    daily = Traffic(daily=0.5, peak_hour=20, weekly=0.0).rate(hours).reshape(7, 24)
    assert (daily.argmax(axis=1) == 20).all()
    assert daily.max() == pytest.approx(1.5)
    weekly = Traffic(daily=0.0, weekly=0.3, peak_day=5.5).rate(hours)
    assert weekly.argmax() == 5.5 * 24
    assert Traffic().rate(hours).mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("slices", [1, 37])
def test_sessions_follow_the_rate_in_their_number(slices: int) -> None:
    sessions = Sessions(Traffic(), Drift(), MONDAY_MS, 7 * DAY_MS, 100_000)
    edges = [7 * DAY_MS * i // slices for i in range(slices + 1)]
    rng = np.random.default_rng(2)
    times = np.concatenate([sessions.begin(rng, a, b) for a, b in pairwise(edges)])
    assert len(times) == pytest.approx(100_000, rel=0.02)
    assert (np.diff(times) >= 0).all()
    assert 0 <= times[0] <= times[-1] < 7 * DAY_MS
    by_hour = np.bincount(times // HOUR_MS % 24, minlength=24)
    assert by_hour[20] / by_hour[8] == pytest.approx(1.6 / 0.4, rel=0.15)


def test_a_shop_may_sleep() -> None:
    sessions = Sessions(Traffic(daily=1.0, peak_hour=12, weekly=0.0), Drift(), MONDAY_MS, DAY_MS, 100)
    assert len(sessions.begin(np.random.default_rng(1), 0, 1)) == 0
