from __future__ import annotations

import numpy as np
import pytest

from simulator.delays import Delays
from simulator.span import DAY_MS, HOUR_MS, MINUTE_MS
from tests.unit.simulator.runs import likely
from udfs.errors import ConfigurationError

N = 100_000


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def test_clicks_are_quick_slow_or_beyond_half_an_hour_in_their_shares() -> None:
    delay = Delays(slow=0.1, beyond=0.02).click(rng(), N, 15.0)
    assert np.median(delay) == pytest.approx(15_000, rel=0.2)
    assert likely(int((delay > 30 * MINUTE_MS).sum()), N, 0.02)
    assert delay.max() <= DAY_MS
    slow = int(((delay > 5 * MINUTE_MS) & (delay <= 30 * MINUTE_MS)).sum())
    assert slow / N == pytest.approx(0.1 * np.log(6) / np.log(30), abs=0.005)


def test_quick_clicks_are_log_normal() -> None:
    logarithm = np.log(Delays(slow=0, beyond=0).click(rng(), N, 20.0) / 20_000)
    assert logarithm.mean() == pytest.approx(0, abs=0.02)
    assert logarithm.std() == pytest.approx(1, abs=0.02)


def test_carts_take_minutes_and_purchases_up_to_a_day() -> None:
    delays = Delays()
    cart, purchase = delays.cart(rng(), N), delays.purchase(rng(), N)
    assert np.median(cart) == pytest.approx(2 * MINUTE_MS, rel=0.05)
    assert cart.max() <= HOUR_MS
    assert np.median(purchase) == pytest.approx(40 * MINUTE_MS, rel=0.05)
    assert 12 * HOUR_MS < purchase.max() <= 23 * HOUR_MS


def test_transport_takes_time() -> None:
    transport = Delays(transport_ms=100.0).transport(rng(), N)
    assert transport.min() >= 1
    assert np.median(transport) == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize("wrong", [{"slow": 1.5}, {"slow": 0.6, "beyond": 0.6}, {"click_seconds": 0.0}])
def test_impossible_delays_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=f"Delays.{list(wrong)[-1]} is"):
        Delays(**wrong)
