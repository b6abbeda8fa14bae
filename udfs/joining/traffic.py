"""How many impressions there were when, and what follows for positives that leave before their windows close."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from udfs.types import F64, I64

_MINUTE: Final = 60_000_000
_SPAN: Final = 60
"""Minutes that traffic is averaged over: it changes by the hour, and a bucket's minute may hold one page."""
_MOST: Final = 4.0
"""Largest ratio: beyond it there were hardly any impressions to compare with."""


class Traffic:
    """Counts impressions by minute of event time."""

    def __init__(self, reach: int) -> None:
        """Keep the rule: it is asked for times up to so many microseconds ago."""
        self._reach = reach // _MINUTE + _SPAN + 2
        self._counts: Counter[int] = Counter()
        self._begin: int | None = None

    def add(self, times: I64) -> None:
        """Count impressions (n,)."""
        minutes, counts = np.unique(times // _MINUTE, return_counts=True)
        self._counts.update(dict(zip(minutes.tolist(), counts.tolist(), strict=True)))
        self._begin = min(int(minutes[0]), int(minutes[0]) if self._begin is None else self._begin)

    def ratio(self, times: I64, others: I64) -> F64:
        """Return for each of ``times`` (n,) by how much more impressions there were than at ``others`` (n,).

        All impressions before them have arrived.
        """
        there, here = self._rates(times), self._rates(others)
        ratio: F64 = np.minimum(there, _MOST * here) / np.where(here > 0, here, 1.0)
        return ratio

    def _rates(self, times: I64) -> F64:
        """Return impressions a minute, in the last whole minutes before each time; 0 before the first impression."""
        minutes = np.array(sorted(self._counts), np.int64)
        total = np.cumsum([0, *(self._counts[minute] for minute in minutes.tolist())])
        stop = times // _MINUTE
        seen = total[np.searchsorted(minutes, stop)] - total[np.searchsorted(minutes, stop - _SPAN)]
        spans = np.clip(stop - (self._begin or 0), 1, _SPAN)
        rates: F64 = seen / spans
        return rates

    def forget(self, low: int) -> None:
        """Forget minutes that are asked for no more once time is at ``low``."""
        oldest = low // _MINUTE - self._reach
        for minute in [minute for minute in self._counts if minute < oldest]:
            del self._counts[minute]

    def dump(self) -> tuple[int | None, list[tuple[int, int]]]:
        """Return the state as plain values."""
        return self._begin, sorted(self._counts.items())

    def load(self, begin: int | None, counts: list[tuple[int, int]]) -> None:
        """Take what ``dump`` returned."""
        self._begin, self._counts = begin, Counter(dict(counts))
