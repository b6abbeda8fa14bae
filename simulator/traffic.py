"""When sessions begin: a Poisson process whose rate has a daily and a weekly wave, and sales."""

from __future__ import annotations

from dataclasses import dataclass
from math import tau

import numpy as np

from simulator.checks import within
from simulator.drift import Drift
from simulator.span import DAY_MS, HOUR_MS, MINUTE_MS
from udfs.types import F64, I64

_THURSDAY_MS = 3 * DAY_MS  # 1970 began on a Thursday


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The waves of the rate at which sessions begin.

    Attributes:
        daily: amplitude of the daily wave, as a share of the mean.
        peak_hour: hour of the day, UTC, at which it is highest.
        weekly: amplitude of the weekly wave.
        peak_day: day of the week at which it is highest, 0 for Monday.
    """

    daily: float = 0.6
    peak_hour: float = 20.0
    weekly: float = 0.2
    peak_day: float = 5.5

    def __post_init__(self) -> None:
        within(self, 0, 1, "daily", "weekly")
        within(self, 0, 24, "peak_hour")
        within(self, 0, 7, "peak_day")

    def rate(self, moment: F64) -> F64:
        """Return the rate, 1 in the long mean, at moments (n,) in milliseconds since 1970."""
        day = 1 + self.daily * np.cos(tau * (moment / HOUR_MS - self.peak_hour) / 24)
        week = 1 + self.weekly * np.cos(tau * ((moment + _THURSDAY_MS) / DAY_MS - self.peak_day) / 7)
        rate: F64 = day * week
        return rate


class Sessions:
    """Where sessions begin in a run."""

    def __init__(self, traffic: Traffic, drift: Drift, start_ms: int, run_ms: int, sessions: float) -> None:
        self._traffic, self._drift, self._start_ms = traffic, drift, start_ms
        middles, width = _minutes(0, run_ms)
        self._per_rate = sessions / (traffic.rate(start_ms + middles).sum() * width)

    def begin(self, rng: np.random.Generator, start: int, stop: int) -> I64:
        """Return the ascending times, in milliseconds since the run's start, at which sessions begin in a slice."""
        middles, width = _minutes(start, stop)
        rate = self._traffic.rate(self._start_ms + middles) * self._drift.traffic(middles)
        n = rng.poisson(rate.sum() * width * self._per_rate)
        until = np.cumsum(rate / rate.sum())[:-1] if rate.any() else np.empty(0)
        minute = np.searchsorted(until, np.sort(rng.random(n)), side="right")
        times = middles[minute] + (rng.random(n) - 0.5) * width
        return np.clip(np.sort(times), start, stop - 1).astype(np.int64)


def _minutes(start: int, stop: int) -> tuple[F64, float]:
    """Cut a span into equal pieces of about a minute; return their middles and their width in milliseconds."""
    count = max(1, (stop - start) // MINUTE_MS)
    edges = np.linspace(start, stop, count + 1)
    middles: F64 = (edges[1:] + edges[:-1]) / 2
    return middles, (stop - start) / count
