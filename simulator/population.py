"""Who shops, and what is on sale: people with heavy-tailed activity, items with a category, a price, a popularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.chance import chance
from simulator.checks import positive, within
from simulator.shop import CATEGORIES
from udfs.types import F64, I64

_PRICE_CENTS = (50, 999_999)
_USER_SHIFT, _ITEM_SHIFT = 10, 20


@dataclass(frozen=True, kw_only=True)
class Population:
    """How many people and items, and how unequal they are.

    A person's share of the sessions is (rank + 10)^-user_exponent, an item's share of its category's impressions
    (rank + 20)^-item_exponent. At 100,000 people and 0.6 the heaviest 0.1 % make 4 % of the traffic, each at least 24
    times the average; at 0.8 and 625 items no item has a tenth of its category, so a page shows each once.

    Attributes:
        users: people; bots come on top.
        items: items, evenly over the categories.
        segments: groups of people with the same tastes, which no event names.
        user_exponent: of the people's activity.
        item_exponent: of the items' popularity.
        price_median: of all items.
        price_spread: standard deviation of the logarithm of the items' prices.
    """

    users: int = 100_000
    items: int = 10_000
    segments: int = 8
    user_exponent: float = 0.6
    item_exponent: float = 0.8
    price_median: float = 20.0
    price_spread: float = 0.8

    def __post_init__(self) -> None:
        within(self, 1, 9_000_000, "users")
        within(self, 1, 999_999, "items")
        within(self, 1, 10_000, "segments")
        within(self, 0, 3, "user_exponent", "item_exponent", "price_spread")
        positive(self, "price_median")

    def heaviest(self) -> float:
        """Return how many times the average the median of the heaviest 0.1 % of the people makes."""
        rank = np.arange(self.users) + _USER_SHIFT
        weight = rank**-self.user_exponent
        return float(weight[self.users // 2_000] / weight.mean())


class People:
    """Every person's hidden segment and share of the sessions."""

    def __init__(self, seed: int, population: Population) -> None:
        rng = chance(seed, "people")
        self.segment = rng.integers(0, population.segments, population.users)
        weight = (rng.permutation(population.users) + _USER_SHIFT) ** -population.user_exponent
        self._share = np.cumsum(weight / weight.sum())[:-1]

    def draw(self, rng: np.random.Generator, n: int) -> I64:
        """Return who begins n sessions, as numbers of people."""
        return np.searchsorted(self._share, rng.random(n), side="right")


class Goods:
    """Every item's category and price in cents, and its share of what its category shows."""

    def __init__(self, seed: int, population: Population) -> None:
        rng = chance(seed, "goods")
        items = population.items
        self.category = rng.integers(0, len(CATEGORIES), items)
        median = 100 * population.price_median
        price = median * np.exp(rng.normal(0, population.price_spread, items))
        self.price = np.clip(np.round(price), *_PRICE_CENTS).astype(np.int64)
        weight = (rng.permutation(items) + _ITEM_SHIFT) ** -population.item_exponent
        self._order = np.argsort(self.category, kind="stable")
        self._until = np.cumsum(weight[self._order]) / weight.sum()
        self._last = np.cumsum(np.bincount(self.category, minlength=len(CATEGORIES))) - 1
        self._width = np.bincount(self.category, weight, len(CATEGORIES)) / weight.sum()
        self._start = self._until[self._last] - self._width

    def draw_category(self, rng: np.random.Generator, n: int) -> I64:
        """Return n categories, each as often as its items are popular."""
        return np.searchsorted(np.cumsum(self._width)[:-1], rng.random(n), side="right")

    def at(self, category: I64, place: F64) -> I64:
        """Return the item at a place, in [0, 1), of what a category (n,) shows."""
        at = np.searchsorted(self._until, self._start[category] + place * self._width[category], side="right")
        # Sums of shares are rounded: at its ends a category must not reach into the next.
        before = np.concatenate(([-1], self._last[:-1]))
        item: I64 = self._order[np.clip(at, before[category] + 1, self._last[category])]
        return item
