"""Bots: accounts that look at pages by a schedule, and click as their kind does."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulator.behaviour import Chances
from simulator.chance import chance
from simulator.checks import positive, within
from simulator.pages import Browsing, Pages, draw_devices
from simulator.population import Goods
from udfs.types import F64, I64


@dataclass(frozen=True, kw_only=True)
class Bot:
    """One kind of bot. An account is active in bouts; its pages in a bout follow at a nearly fixed interval.

    Attributes:
        accounts: how many there are.
        times_average: impressions of an account, as a multiple of those of the average person.
        pages: pages in a bout; fewer where the run is too small for a whole bout.
        interval: seconds from page to page; less where a bout would not end before the next.
        jitter: standard deviation of the interval, as a share of it.
        click: the probability that it clicks an impression.
        click_seconds: median delay of its clicks.
        targets: how many items the accounts of this kind look at, together; 0 for all of the shop.
    """

    accounts: int = 0
    times_average: float = 10.0
    pages: int = 20
    interval: float = 5.0
    jitter: float = 0.02
    click: float = 0.0
    click_seconds: float = 2.0
    targets: int = 0

    def __post_init__(self) -> None:
        within(self, 0, 900_000, "accounts", "targets")
        positive(self, "times_average", "interval", "click_seconds")
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
    heavy: Bot = Bot(times_average=40, pages=25, interval=25.0, jitter=0.02, click=0.12, click_seconds=15)


KINDS = tuple(field.name for field in fields(Bots))
"""The kinds in the order of their numbers in the truth, which begin at 1; 0 is a person."""


class Schedule:
    """When the accounts of one kind look at pages. Bouts come at a fixed period from a phase of each account."""

    def __init__(self, seed: int, kind: int, bot: Bot, first_user: int, pages_per_run: float, run_ms: int) -> None:
        self._kind, self._bot, self._first_user = kind, bot, first_user
        self._pages = max(1, min(bot.pages, round(pages_per_run)))
        self._period = run_ms / max(1.0, pages_per_run / self._pages)
        self._interval = min(bot.interval * 1000, 0.9 * self._period / self._pages)
        self._phase = chance(seed, f"bots {kind}").random(bot.accounts) * self._period

    def look(self, rng: np.random.Generator, start: int, stop: int, goods: Goods) -> Pages:
        """Return the pages of all bouts that begin in a slice, also those that it looks at after the slice."""
        begun = np.ceil((start - self._phase) / self._period).astype(np.int64)
        bouts = np.ceil((stop - self._phase) / self._period).astype(np.int64) - begun
        account = np.repeat(np.arange(len(bouts)), bouts)
        number = begun[account] + np.arange(len(account)) - np.repeat(np.cumsum(bouts) - bouts, bouts)
        at = self._phase[account] + number * self._period
        n = len(account)
        gap = self._interval * np.maximum(1 + self._bot.jitter * rng.normal(size=(n, self._pages)), 0)
        gap[:, 0] = 0
        time = at[:, None] + np.cumsum(gap, axis=1)
        bout = np.repeat(np.arange(n), self._pages)
        return Pages(
            time=time.ravel().astype(np.int64),
            user=self._first_user + account[bout],
            device=draw_devices(rng, n)[bout],
            category=goods.draw_category(rng, len(bout)),
            bot=np.full(len(bout), self._kind),
        )


class Swarm:
    """All bots of a run; their numbers follow those of the people."""

    def __init__(self, seed: int, bots: Bots, users: int, impressions: float, run_ms: int, browsing: Browsing) -> None:
        self._seed = seed
        self.kinds: tuple[Bot, ...] = tuple(getattr(bots, name) for name in KINDS)
        self.accounts = sum(bot.accounts for bot in self.kinds)
        self._schedules = []
        user = users
        for number, bot in enumerate(self.kinds, start=1):
            pages = bot.times_average * impressions / users / browsing.page_impressions
            self._schedules.append(Schedule(seed, number, bot, user, pages, run_ms))
            user += bot.accounts

    def look(self, slice_number: int, start: int, stop: int, goods: Goods) -> list[Pages]:
        """Return the pages of each kind whose bouts begin in a slice."""
        return [
            schedule.look(chance(self._seed, f"bouts of {name}", slice_number), start, stop, goods)
            for name, schedule in zip(KINDS, self._schedules, strict=True)
        ]

    def targets(self, pages: Pages, goods: Goods) -> I64:
        """Return the items (pages, k) that bots with targets see; -1 for every other page, k = 0 without such bots."""
        most = max((bot.targets for bot in self.kinds if bot.accounts), default=0)
        chosen = np.full((len(pages), most), -1)
        for number, bot in enumerate(self.kinds, start=1):
            if bot.accounts and bot.targets:
                rng = chance(self._seed, f"targets of {KINDS[number - 1]}")
                items = rng.choice(len(goods.category), min(bot.targets, len(goods.category)), replace=False)
                chosen[pages.bot == number] = np.resize(items, most)
        return chosen

    def adjust(self, kind: I64, chances: Chances) -> Chances:
        """Return the probabilities (n,): those given for people, each kind's own for bots, which buy nothing."""
        bot = kind > 0
        click = np.array([0.0, *(bot.click for bot in self.kinds)])[kind]
        return Chances(
            click=np.where(bot, click, chances.click),
            cart=np.where(bot, 0.0, chances.cart),
            purchase=np.where(bot, 0.0, chances.purchase),
        )

    def click_seconds(self, kind: I64, seconds: float) -> F64:
        """Return the median delays (n,) of clicks: that given for people, each kind's own for bots."""
        return np.array([seconds, *(bot.click_seconds for bot in self.kinds)])[kind]
