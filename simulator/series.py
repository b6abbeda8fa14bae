"""Which lines go together: into one file, or one partition of a topic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.events import TYPES, Events

MIXED: Final = ("events",)
SEPARATE: Final = ("searches", "impressions", "clicks", "orders")
_SERIES_OF: Final = dict(zip(TYPES, (0, 1, 2, 3, 3), strict=True))


@dataclass(frozen=True, kw_only=True)
class Run:
    """The rows ``first`` to just before ``last``, sorted, of one series and partition."""

    series: str
    partition: int
    first: int
    last: int


class Division:
    """Divides events into series, all types mixed or not, and partitions."""

    def __init__(self, partitions: int, mixed: bool) -> None:
        self.names = MIXED if mixed else SEPARATE
        self.partitions = partitions
        self._of_type = np.zeros(len(TYPES), np.int64) if mixed else np.array([_SERIES_OF[name] for name in TYPES])

    def sort(self, events: Events) -> tuple[Events, list[Run]]:
        """Return the events by series and partition, each in the order that they had, and where each is."""
        place = self._of_type[events["type"]] * self.partitions + events["partition"]
        order = np.argsort(place.astype(np.uint16), kind="stable")
        counts = np.bincount(place, minlength=len(self.names) * self.partitions)
        return events.take(order), list(self._runs(np.cumsum(counts).tolist()))

    def _runs(self, ends: list[int]) -> Iterator[Run]:
        first = 0
        for number, last in enumerate(ends):
            series, partition = divmod(number, self.partitions)
            yield Run(series=self.names[series], partition=partition, first=first, last=last)
            first = last
