"""How long after an impression its click comes, how long after the click the cart, after the cart the purchase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.checks import positive, within
from simulator.span import DAY_MS, MINUTE_MS
from udfs.types import F64, I64

_WAIT_MS = 30 * MINUTE_MS


@dataclass(frozen=True, kw_only=True)
class Delays:
    """Delays, log-normal where nothing else is said.

    Attributes:
        click_seconds: median of the quick clicks, which come within 30 minutes.
        click_spread: standard deviation of their logarithm.
        slow: share of clicks that come 1 to 30 minutes after, log-uniform.
        beyond: share of clicks that come 30 minutes to a day after, log-uniform.
        cart_minutes: median from click to cart, at most an hour.
        purchase_minutes: median from cart to purchase, at most a day less an hour.
        order_spread: standard deviation of the logarithm of these two.
        transport_ms: median from an event's time to its arrival.
    """

    click_seconds: float = 15.0
    click_spread: float = 1.0
    slow: float = 0.04
    beyond: float = 0.005
    cart_minutes: float = 2.0
    purchase_minutes: float = 40.0
    order_spread: float = 1.2
    transport_ms: float = 200.0

    def __post_init__(self) -> None:
        positive(self, "click_seconds", "cart_minutes", "purchase_minutes", "transport_ms")
        within(self, 0, 3, "click_spread", "order_spread")
        within(self, 0, 1, "slow", "beyond")
        within(self, 0, 1 - self.slow, "beyond")

    def click(self, rng: np.random.Generator, n: int, median_seconds: float) -> I64:
        """Return n delays of clicks in milliseconds, the quick ones around their median."""
        quick = median_seconds * 1000 * np.exp(rng.normal(0, self.click_spread, n))
        slow = np.exp(rng.uniform(np.log(MINUTE_MS), np.log(_WAIT_MS), n))
        beyond = np.exp(rng.uniform(np.log(_WAIT_MS), np.log(DAY_MS), n))
        which = rng.random(n)
        delay = np.where(which < self.beyond, beyond, np.where(which < self.beyond + self.slow, slow, 0))
        return np.maximum(np.where(delay > 0, delay, np.minimum(quick, _WAIT_MS)), 1).astype(np.int64)

    def cart(self, rng: np.random.Generator, n: int) -> I64:
        """Return n delays from click to cart in milliseconds."""
        return self._order(rng, n, self.cart_minutes, 60 * MINUTE_MS)

    def purchase(self, rng: np.random.Generator, n: int) -> I64:
        """Return n delays from cart to purchase in milliseconds."""
        return self._order(rng, n, self.purchase_minutes, DAY_MS - 60 * MINUTE_MS)

    def transport(self, rng: np.random.Generator, n: int) -> I64:
        """Return n delays from an event's time to its arrival in milliseconds, at least 1."""
        delay: F64 = self.transport_ms * np.exp(rng.normal(0, 0.5, n))
        return np.ceil(delay).astype(np.int64)

    def _order(self, rng: np.random.Generator, n: int, minutes: float, longest: int) -> I64:
        delay = minutes * MINUTE_MS * np.exp(rng.normal(0, self.order_spread, n))
        return np.clip(delay, 1, longest).astype(np.int64)
