"""Pages that people look at in sessions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.checks import positive, refuse, within
from simulator.population import Goods, People
from simulator.shop import DEVICES
from udfs.types import I64

_DEVICE_SHARES = (0.55, 0.3, 0.12, 0.03)
_LONGEST_SESSION = 40
_GAP_SPREAD = 0.8


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
