"""What changes with time: seasons, tastes that turn slowly or are redrawn at once, sales. None of it is a fault."""

from __future__ import annotations

from dataclasses import dataclass
from math import tau

import numpy as np

from simulator.checks import refuse, within
from simulator.span import DAY_MS, Span
from udfs.types import F64, I64

_YEAR_DAYS = 365.25


@dataclass(frozen=True, kw_only=True)
class Sale(Span):
    """Hours in which more people come, and click more.

    Attributes:
        traffic: times as many sessions begin.
        clicks: times the probability of every click, which stays below 0.95.
    """

    traffic: float = 3.0
    clicks: float = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        within(self, 0, 100, "traffic", "clicks")


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How tastes change.

    Attributes:
        season: amplitude, in logits, of each category's yearly wave.
        turn_days: days in which all tastes turn through a full circle, there and back; 0 for never.
        sudden: days at which all tastes are drawn anew.
        sales: when everything is more.
    """

    season: float = 0.3
    turn_days: float = 0.0
    sudden: tuple[float, ...] = ()
    sales: tuple[Sale, ...] = ()

    def __post_init__(self) -> None:
        within(self, 0, 5, "season")
        within(self, 0, 36_500, "turn_days")
        if list(self.sudden) != sorted(self.sudden) or any(day < 0 for day in self.sudden):
            refuse(self, "sudden", self.sudden, "days from 0 on in ascending order")

    def era(self, time: I64) -> I64:
        """Return how often tastes had been redrawn by each time (n,), in milliseconds since the start."""
        return np.searchsorted(np.array(self.sudden, np.float64) * DAY_MS, time, side="right")

    def traffic(self, time: F64) -> F64:
        """Return how many times the ordinary traffic there is."""
        return self._times(time.astype(np.int64), [(sale, sale.traffic) for sale in self.sales])

    def clicks(self, time: I64) -> F64:
        """Return how many times the ordinary click probability holds."""
        return self._times(time, [(sale, sale.clicks) for sale in self.sales])

    def _times(self, time: I64, factors: list[tuple[Sale, float]]) -> F64:
        times = np.ones(len(time))
        for sale, factor in factors:
            times[sale.holds(time)] *= factor
        return times


class Moments:
    """The state of tastes at the times (n,) of events, worked out once for all tables of tastes."""

    def __init__(self, drift: Drift, time: I64) -> None:
        self.era = drift.era(time) if drift.sudden else None
        self.angle = time * (tau / (drift.turn_days * DAY_MS)) if drift.turn_days else None
        self.year = time * (tau / (_YEAR_DAYS * DAY_MS))
        self.turn = None if self.angle is None else (np.cos(self.angle), np.sin(self.angle))


class Taste:
    """One table of effects, normal with a spread; in each era a pair of tables between which tastes turn.

    What a first era has in it does not depend on how many follow.
    """

    def __init__(self, rng: np.random.Generator, drift: Drift, spread: float, size: int) -> None:
        self._size = size
        self._pairs = rng.normal(0, spread, (len(drift.sudden) + 1, 2, size))

    def at(self, index: I64, moments: Moments) -> F64:
        """Return the effects (n,) of the entries (n,) at their moments."""
        flat, place = self._pairs.reshape(-1), index
        if moments.era is not None:
            place = place + moments.era * (2 * self._size)
        if moments.turn is None:
            return flat[place]
        cosine, sine = moments.turn
        turned: F64 = flat[place] * cosine + flat[place + self._size] * sine
        return turned
