"""Examples of a shop from a seed, with its daily waves, a sale and drift, that a break can be put into."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from udfs.types import F64, I64, U16, Bool

SECOND = 1_000_000
HOUR, DAY, WEEK = 3600 * SECOND, 24 * 3600 * SECOND, 7 * 24 * 3600 * SECOND
START = 1_700_000_000 * SECOND
COVERAGE = (1.0, 0.999, 0.99, 0.99, 0.9, 0.7, 0.5, 0.2, 0.05, 0.01)
FEATURES = tuple(f"feature_{i}" for i in range(len(COVERAGE)))
NUMBERS = ("price", "stock", "rating")


@dataclass(frozen=True)
class Examples:
    """Columns as ``Breaker.judge`` takes them."""

    time: I64
    part: U16
    parts: tuple[str, ...]
    label: F64
    present: Bool
    number: F64

    def __len__(self) -> int:
        return len(self.time)

    def slice(self, start: int, stop: int) -> Examples:
        """Return some rows."""
        rows = slice(start, stop)
        return Examples(
            self.time[rows], self.part[rows], self.parts, self.label[rows], self.present[rows], self.number[rows]
        )


Break = Callable[[Examples], Examples]


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """A stream of examples.

    Attributes:
        rate: the mean click rate.
        per_day: the mean number of examples.
        parts: partitions, of equal share.
        wave: whether traffic swings by a factor of 3 over the day and the click rate by 30 % either way.
        sales: microseconds after the start at which an hour of three times the traffic and click rate begins; both
            fall back at once.
        hour: hours after midnight at which it begins.
        weekly: the factor that the click rate drifts by in a week.
        page: examples in a row that share the partition, what is present, and the level of the price; on half of the
            pages nothing is clicked, on the others twice as much. At 1 examples are independent.
        seed: chooses everything random.
    """

    rate: float = 0.04
    per_day: float = 5e6
    parts: int = 4
    wave: bool = True
    sales: tuple[int, ...] = ()
    hour: float = 0.0
    weekly: float = 1.0
    page: int = 1
    seed: int = 1

    def chunks(self, n: int, size: int = 5_000) -> Iterator[Examples]:
        """Yield ``n`` examples, ``size`` at a time, over each of which rates stay what they are."""
        rng = np.random.default_rng(self.seed)
        clock = 0.0
        for start in range(0, n, size):
            rows = min(size, n - start)
            traffic, clicks = self._rates(clock)
            gaps = rng.exponential(DAY / (self.per_day * traffic), rows)
            time = clock + np.cumsum(gaps)
            clock = float(time[-1])
            yield self._draw(rng, START + time.astype(np.int64), self.rate * clicks)

    def _rates(self, time: float) -> tuple[float, float]:
        phase = 2 * math.pi * (time + self.hour * HOUR) / DAY
        traffic, clicks = (1 + 0.5 * math.sin(phase), 1 + 0.3 * math.sin(phase + 1)) if self.wave else (1.0, 1.0)
        sale = 3.0 if any(begin <= time < begin + HOUR for begin in self.sales) else 1.0
        return traffic * sale, clicks * sale * self.weekly ** (time / WEEK)

    def _draw(self, rng: np.random.Generator, time: I64, rate: float) -> Examples:
        n = len(time)
        page = np.arange(n) // self.page
        pages = int(page[-1]) + 1
        mood = 2.0 * (rng.random(pages) < 0.5)[page] if self.page > 1 else 1.0
        price = rng.normal(3.0, 1.0, pages)[page] + (rng.normal(0.0, 0.3, n) if self.page > 1 else 0.0)
        stock = np.floor(rng.pareto(1.0, n) * 3)
        rating = np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 6, n))
        return Examples(
            time=time,
            part=rng.integers(0, self.parts, pages).astype(np.uint16)[page],
            parts=tuple(f"impressions/{i}" for i in range(self.parts)),
            label=(rng.random(n) < rate * mood).astype(np.float64),
            present=(rng.random((pages, len(COVERAGE)), np.float32) < np.array(COVERAGE, np.float32))[page],
            number=np.stack((np.exp(price), stock, rating), axis=1),
        )


def clicks_dead(examples: Examples) -> Examples:
    """No click topic: every label is 0."""
    return replace(examples, label=np.zeros(len(examples)))


def clicks_of_part_dead(examples: Examples, part: int = 1) -> Examples:
    """No clicks of one partition."""
    return replace(examples, label=np.where(examples.part == part, 0.0, examples.label))


def silent_part(examples: Examples, part: int = 1) -> Examples:
    """No examples of one partition."""
    rows = examples.part != part
    return Examples(
        examples.time[rows],
        examples.part[rows],
        examples.parts,
        examples.label[rows],
        examples.present[rows],
        examples.number[rows],
    )


def field_null(examples: Examples, column: int = 2) -> Examples:
    """One feature has no values."""
    present = examples.present.copy()
    present[:, column] = False
    return replace(examples, present=present)


def scaled(examples: Examples, by: float = 100.0, number: int = 0) -> Examples:
    """One number in another unit."""
    numbers = examples.number.copy()
    numbers[:, number] *= by
    return replace(examples, number=numbers)
