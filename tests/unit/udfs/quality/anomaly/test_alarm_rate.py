"""The bound comes to rest where a given share of the scores exceeds it, and faults do not carry it away."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.quality.anomaly.alarm_rate import NEAR, follow


def after(bound: float, scores: list[float], rate: float) -> tuple[float, int]:
    alarms = 0
    for score in scores:
        alarms += score > bound
        bound = follow(bound, score, rate)
    return bound, alarms


@pytest.mark.parametrize("rate", [0.1, 0.01])
def test_the_share_of_alarms_is_the_wanted_one(rate: float) -> None:
    scores = np.random.default_rng(1).exponential(3.0, 200_000).tolist()
    bound, _ = after(3.0, scores[:100_000], rate)
    bound, alarms = after(bound, scores[100_000:], rate)
    assert alarms / 100_000 == pytest.approx(rate, rel=0.15)
    assert bound == pytest.approx(-3.0 * np.log(rate), rel=0.4)


def test_a_fault_that_is_far_above_stays_an_alarm() -> None:
    assert after(3.0, [3.0 * NEAR + 0.1] * 1000, 0.01) == (3.0, 1000)


def test_what_is_near_is_got_used_to() -> None:
    bound, alarms = after(3.0, [4.0] * 1000, 0.01)
    assert bound > 3.9
    assert alarms < 100
