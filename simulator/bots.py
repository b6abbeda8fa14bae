"""Bots: accounts that look at pages by a schedule, and click as their kind does."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulator.checks import positive, within
from udfs.types import I64


@dataclass(frozen=True, kw_only=True)
class Bot:
    """One kind of bot. An account is active in bouts; its pages in a bout follow at a nearly fixed interval.

    Attributes:
        accounts: how many there are.
        times_average: impressions of an account, as a multiple of those of the average person; None for as many as
            the median of the heaviest 0.1 % of people.
        pages: pages in a bout; fewer where the run is too small for a whole bout.
        interval: seconds from page to page; less where a bout would not end before the next.
        jitter: standard deviation of the interval, as a share of it.
        click: the probability that it clicks an impression.
        click_seconds: median delay of its clicks.
        targets: how many items the accounts of this kind look at, together; 0 for all of the shop.
    """

    accounts: int = 0
    times_average: float | None = 10.0
    pages: int = 20
    interval: float = 5.0
    jitter: float = 0.02
    click: float = 0.0
    click_seconds: float = 2.0
    targets: int = 0

    def __post_init__(self) -> None:
        within(self, 0, 190_000, "accounts")
        within(self, 0, 999_999, "targets")
        positive(self, "interval", "click_seconds")
        if self.times_average is not None:
            positive(self, "times_average")
        within(self, 1, 1_000_000, "pages")
        within(self, 0, 1, "jitter", "click")


@dataclass(frozen=True, kw_only=True)
class Bots:
    """The kinds of bots, by default none of any.

    Attributes:
        scraper: many impressions a second, no clicks.
        regular: looks at a page every few seconds, on and on, and clicks as often as people.
        clicker: clicks nearly everything.
        ring: accounts that all click the same few items.
        heavy: as active as the heaviest 0.1 % of people; betrayed by its interval and its click rate only.
    """

    scraper: Bot = Bot(times_average=300, pages=150, interval=0.4, jitter=0.2)
    regular: Bot = Bot(times_average=100, pages=400, interval=5.0, jitter=0.01, click=0.04, click_seconds=15)
    clicker: Bot = Bot(times_average=20, pages=10, interval=8.0, jitter=0.5, click=0.9)
    ring: Bot = Bot(times_average=10, pages=4, interval=20.0, jitter=0.5, click=0.95, click_seconds=5, targets=5)
    heavy: Bot = Bot(times_average=None, pages=25, interval=25.0, jitter=0.02, click=0.12, click_seconds=15)


KINDS = tuple(field.name for field in fields(Bots))
"""The kinds in the order of their numbers in the truth, which begin at 1; 0 is a person."""


class Schedule:
    """When the accounts of one kind look at pages. Bouts come at a fixed period from a phase of each account."""

    def __init__(self, rng: np.random.Generator, bot: Bot, pages_per_run: float, run_ms: int) -> None:
        self._jitter = bot.jitter
        self._pages = max(1, min(bot.pages, round(pages_per_run)))
        self._period = run_ms / max(1.0, pages_per_run / self._pages)
        self._interval = min(bot.interval * 1000, 0.9 * self._period / self._pages)
        self._phase = rng.random(bot.accounts) * self._period

    def look(self, rng: np.random.Generator, start: int, stop: int) -> tuple[I64, I64]:
        """Return the bouts that begin in a slice: the accounts (n,), and when each looks at its pages (n, pages)."""
        begun = np.ceil((start - self._phase) / self._period).astype(np.int64)
        bouts = np.ceil((stop - self._phase) / self._period).astype(np.int64) - begun
        account = np.repeat(np.arange(len(bouts)), bouts)
        number = begun[account] + np.arange(len(account)) - np.repeat(np.cumsum(bouts) - bouts, bouts)
        gap = self._interval * np.maximum(1 + self._jitter * rng.normal(size=(len(account), self._pages)), 0)
        gap[:, 0] = self._phase[account] + number * self._period
        return account, np.cumsum(gap, axis=1).astype(np.int64)
