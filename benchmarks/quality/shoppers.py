"""People and bots in a shop, from a seed: who sends what when.

People come in sessions whose number is Pareto-distributed; they look at pages of five to ten impressions, think for
log-normally distributed times, each at a pace of their own, and click with rates that are Beta-distributed. Bots are of
four kinds, each with a range of habits of which every bot draws its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from udfs.types import F64, I64, U8, U64

PERSON, FAST, REGULAR, CLICKER, HEAVY = range(5)
NAMES: Final = ("people", "fast", "regular", "clicker", "heavy")
_DAY: Final = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What people and bots are like.

    Attributes:
        people: how many.
        shape: of the Pareto distribution of sessions.
        days: that the stream covers.
        think: median seconds between two pages, and the standard deviation of its logarithm.
        pace: standard deviation of the logarithm of a person's own median.
        stay: pages of a session, the mean of a geometric distribution.
        rate: clicks per impression of people, the mean.
        size: of the Beta distribution of click rates, the sum of its parameters.
        answer: median seconds from a page to a click.
        bots: of each kind.
        events: of each bot, roughly.
        per_second: events of a fast scraper.
        scraper_page: events that a fast scraper fetches at once.
        interval: seconds between the pages of a regular bot.
        jitter: of its interval, relative.
        regular_page: events that it fetches at once.
        clicks: share of impressions that a clicker clicks.
        heavy_jitter: of the intervals of a heavy bot.
        heavy_clicks: share of impressions that a heavy bot clicks.
    """

    people: int = 3000
    shape: float = 1.2
    days: float = 3.0
    think: tuple[float, float] = (12.0, 1.0)
    pace: float = 0.2
    stay: float = 10.0
    rate: float = 0.04
    size: float = 50.0
    answer: float = 15.0
    bots: int = 15
    events: int = 1500
    per_second: tuple[float, float] = (3.0, 20.0)
    scraper_page: int = 1
    interval: tuple[float, float] = (2.0, 60.0)
    jitter: float = 0.1
    regular_page: int = 1
    clicks: float = 0.9
    heavy_jitter: float = 0.1
    heavy_clicks: float = 0.0


class Stream(NamedTuple):
    """Events in order of time: users, kinds and times as the rules take them, and who is what (n,)."""

    users: U64
    kinds: U8
    times: I64
    truth: U8


class _Visitor(NamedTuple):
    times: F64
    kinds: U8


def shoppers(habits: Habits, seed: int) -> Stream:
    """Draw a stream."""
    rng = np.random.default_rng(seed)
    visitors = [(PERSON, _person(rng, habits)) for _ in range(habits.people)]
    longest = max(len(visitor.times) for _, visitor in visitors)
    makers = {FAST: _fast, REGULAR: _regular, CLICKER: _clicker}
    for kind, make in makers.items():
        visitors += [(kind, make(rng, habits)) for _ in range(habits.bots)]
    visitors += [(HEAVY, _heavy(rng, habits, longest)) for _ in range(habits.bots)]
    users = rng.integers(1, 1 << 63, len(visitors)).astype(np.uint64)
    lengths = [len(visitor.times) for _, visitor in visitors]
    times = np.concatenate([visitor.times for _, visitor in visitors])
    kinds = np.concatenate([visitor.kinds for _, visitor in visitors])
    truth = np.repeat(np.array([kind for kind, _ in visitors], np.uint8), lengths)
    order = np.argsort(times, kind="stable")
    when = (1_700_000_000_000_000 + times[order] * 1e6).astype(np.int64)
    return Stream(np.repeat(users, lengths)[order], kinds[order], when, truth[order])


def _person(rng: np.random.Generator, habits: Habits) -> _Visitor:
    sessions = int(min(rng.pareto(habits.shape) + 1.0, 40.0 * habits.days))
    return _sessions(rng, habits, sessions, _click_rate(rng, habits))


def _click_rate(rng: np.random.Generator, habits: Habits) -> float:
    return float(rng.beta(habits.size * habits.rate, habits.size * (1.0 - habits.rate)))


def _sessions(rng: np.random.Generator, habits: Habits, sessions: int, click_rate: float) -> _Visitor:
    median = habits.think[0] * np.exp(rng.normal(0.0, habits.pace))
    pages = rng.geometric(1.0 / habits.stay, sessions)
    thinking = median * np.exp(rng.normal(0.0, habits.think[1], pages.sum()))
    pauses = rng.exponential(1.0, sessions)
    pauses *= max(habits.days * _DAY - thinking.sum(), _DAY) / (pauses.sum() + rng.exponential())
    first = np.cumsum(pages) - pages
    thinking[first] = pauses
    return _clicking(rng, habits, np.cumsum(thinking), rng.integers(5, 11, len(thinking)), click_rate)


def _clicking(rng: np.random.Generator, habits: Habits, pages: F64, shown: I64, click_rate: float) -> _Visitor:
    """Return pages of impressions that follow each other within a fifth of a second, and the clicks on them."""
    impressions = np.repeat(pages, shown) + rng.uniform(0.0, 0.2, shown.sum())
    clicked = impressions[rng.random(len(impressions)) < click_rate]
    clicks = clicked + habits.answer * np.exp(rng.normal(0.0, 1.0, len(clicked)))
    kinds = np.repeat(np.array([0, 1], np.uint8), [len(impressions), len(clicks)])
    return _Visitor(np.concatenate([impressions, clicks]), kinds)


def _from_somewhere(rng: np.random.Generator, habits: Habits, gaps: F64) -> F64:
    start: float = rng.uniform(0.0, max(habits.days * _DAY - gaps.sum(), 1.0))
    return start + np.cumsum(gaps)


def _fast(rng: np.random.Generator, habits: Habits) -> _Visitor:
    per_second = rng.uniform(*habits.per_second)
    pages = habits.events // habits.scraper_page
    gaps = rng.exponential(habits.scraper_page / per_second, pages)
    shown = np.full(pages, habits.scraper_page)
    return _clicking(rng, habits, _from_somewhere(rng, habits, gaps), shown, 0.0)


def _regular(rng: np.random.Generator, habits: Habits) -> _Visitor:
    pages = habits.events // habits.regular_page
    gaps = _jittered(rng, rng.uniform(*habits.interval), habits.jitter, pages)
    shown = np.full(pages, habits.regular_page)
    return _clicking(rng, habits, _from_somewhere(rng, habits, gaps), shown, _click_rate(rng, habits))


def _jittered(rng: np.random.Generator, interval: float, jitter: float, n: int) -> F64:
    return interval * np.maximum(1.0 + jitter * rng.normal(0.0, 1.0, n), 0.01)


def _clicker(rng: np.random.Generator, habits: Habits) -> _Visitor:
    sessions = max(habits.events // 130, 1)
    return _sessions(rng, habits, sessions, habits.clicks)


def _heavy(rng: np.random.Generator, habits: Habits, longest: int) -> _Visitor:
    """Return as many events as the heaviest person has, over all days, in pages like a person's."""
    pages = longest // 8
    gaps = _jittered(rng, habits.days * _DAY / pages, habits.heavy_jitter, pages)
    return _clicking(rng, habits, np.cumsum(gaps), rng.integers(5, 11, pages), habits.heavy_clicks)
