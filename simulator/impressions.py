"""The impressions on pages: which items, at which positions and prices, for which query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.pages import Browsing, Pages
from simulator.population import Goods
from simulator.shop import CATEGORIES, vocabulary
from udfs.types import I64, Bool

WORDS_PER_CATEGORY = len(vocabulary()) // len(CATEGORIES)
_PRICE_SPREAD = 0.05
_LOAD_MS = (200, 1_000)
_POSITION_MS = 4


@dataclass(frozen=True, kw_only=True)
class Impressions:
    """Columns (n,) of what was shown; ``price`` in cents, ``words`` (n, 3) with -1 for none, ``page``
    the number of its page in its crowd and slice.
    """

    page: I64
    time: I64
    user: I64
    item: I64
    category: I64
    device: I64
    words: I64
    price: I64
    position: I64
    search: Bool

    def __len__(self) -> int:
        return len(self.time)


def show(
    rng: np.random.Generator, pages: Pages, browsing: Browsing, goods: Goods, targets: I64 | None = None
) -> Impressions:
    """Return the impressions on pages: a systematic sample of the category by popularity, so that few come twice.

    With ``targets``, numbers of items, every impression is of one of them.
    """
    n = len(pages)
    size = rng.integers(browsing.smallest, browsing.largest, n, endpoint=True)
    page = np.repeat(np.arange(n), size)
    position = np.arange(len(page)) - np.repeat(np.cumsum(size) - size, size) + 1
    place = (rng.random(n)[page] + position / size[page]) % 1.0
    item = goods.at(pages.category[page], place) if targets is None else rng.choice(targets, len(page))
    category = goods.category[item]
    price = goods.price[item] * np.exp(rng.normal(0, _PRICE_SPREAD, len(page)))
    search = rng.random(n) < browsing.search
    loaded = pages.time + rng.integers(*_LOAD_MS, n)
    return Impressions(
        page=page,
        time=loaded[page] + _POSITION_MS * (position - 1),
        user=pages.user[page],
        item=item,
        category=category,
        device=pages.device[page],
        words=_queries(rng, pages.category, search)[page],
        price=np.clip(np.round(price), 1, 999_999).astype(np.int64),
        position=position,
        search=search[page],
    )


def _queries(rng: np.random.Generator, category: I64, search: Bool) -> I64:
    """Return the words (n, 3) of each page's query, one to three of its category, none where nothing was searched."""
    n = len(category)
    words = category[:, None] * WORDS_PER_CATEGORY + rng.integers(0, WORDS_PER_CATEGORY, (n, 3))
    count = np.where(search, rng.integers(1, 4, n), 0)
    words[np.arange(3) >= count[:, None]] = -1
    return words
