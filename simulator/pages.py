"""Pages that are looked at, by people in sessions, and the impressions on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.checks import positive, refuse, within
from simulator.population import Goods, People
from simulator.shop import CATEGORIES, DEVICES, vocabulary
from udfs.types import F64, I64, Bool

WORDS_PER_CATEGORY = len(vocabulary()) // len(CATEGORIES)
_DEVICE_SHARES = (0.55, 0.3, 0.12, 0.03)
_LONGEST_SESSION = 40
_GAP_SPREAD = 0.8
_PRICE_SPREAD = 0.05
_LOAD_MS = (200, 1_000)
_POSITION_MS = 4


@dataclass(frozen=True, kw_only=True)
class Browsing:
    """How people look at pages; bots see pages of the same sizes.

    Attributes:
        pages: mean pages in a session, which is geometric, 40 at the most.
        smallest: impressions on the smallest page.
        largest: impressions on the largest page, 10 at the most; all sizes are equally often.
        gap_seconds: median time from page to page, log-normal.
        search: share of pages that answer a search; the others list a category.
        stay: share of pages of the session's own category.
    """

    pages: float = 3.0
    smallest: int = 5
    largest: int = 10
    gap_seconds: float = 25.0
    search: float = 0.6
    stay: float = 0.7

    def __post_init__(self) -> None:
        within(self, 1, 20, "pages")
        within(self, 1, 10, "smallest", "largest")
        if self.smallest > self.largest:
            refuse(self, "smallest", self.smallest, f"at most largest, which is {self.largest}")
        positive(self, "gap_seconds")
        within(self, 0, 1, "search", "stay")

    @property
    def page_impressions(self) -> float:
        """Mean impressions on a page."""
        return (self.smallest + self.largest) / 2

    @property
    def session_impressions(self) -> float:
        """Mean impressions in a session."""
        return self.page_impressions * self.pages * (1 - (1 - 1 / self.pages) ** _LONGEST_SESSION)


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Columns (n,) of pages: when, whose, on which device, of which category.

    ``user`` is the number of a person, or that of a bot's account after all people.
    """

    time: I64
    user: I64
    device: I64
    category: I64

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, kw_only=True)
class Impressions:
    """Columns (n,) of what was shown; ``price`` in cents, ``words`` (n, 3) with -1 for none, ``page`` its page."""

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


def draw_devices(rng: np.random.Generator, n: int) -> I64:
    """Return n devices."""
    return np.searchsorted(np.cumsum(_DEVICE_SHARES)[: len(DEVICES) - 1], rng.random(n), side="right")


def visit(rng: np.random.Generator, starts: I64, browsing: Browsing, people: People, goods: Goods) -> Pages:
    """Return the pages of sessions that begin at the times (n,)."""
    n = len(starts)
    length = np.minimum(rng.geometric(1 / browsing.pages, n), _LONGEST_SESSION)
    session = np.repeat(np.arange(n), length)
    first = np.cumsum(length) - length
    gap = browsing.gap_seconds * 1000 * np.exp(rng.normal(0, _GAP_SPREAD, len(session)))
    gap[first] = 0
    since = np.cumsum(gap)
    own = goods.draw_category(rng, n)[session]
    other = goods.draw_category(rng, len(session))
    return Pages(
        time=starts[session] + (since - since[first][session]).astype(np.int64),
        user=people.draw(rng, n)[session],
        device=draw_devices(rng, n)[session],
        category=np.where(rng.random(len(session)) < browsing.stay, own, other),
    )


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


def log_price(impressions: Impressions) -> F64:
    """Return the natural logarithm of the prices (n,), in units of currency."""
    logarithm: F64 = np.log(impressions.price / 100)
    return logarithm
