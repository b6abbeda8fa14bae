"""How fast a run reads, from the counts and ingest times of its buckets' documents."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.types import F64

POINTS: Final = 400
"""The most points of the curve."""
_KEPT: Final = 2_048
_FIRST_SHARE, _LAST_SHARE = 0.2, 0.9
_SHORTEST: Final = 3.0


class Throughput:
    """The counts of one start of the job, over its ingest time.

    Each bucket tells about once a second how much it had read, each at moments of its own, so their curves are
    interpolated before they are added. Of a bucket's last count only an upper bound of its time is known: the end.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, dict[int, tuple[int, int]]] = {}
        self._first: int | None = None
        self._last = 0

    def saw(self, now: int) -> None:
        """Note that the job was at work at this ingest time, microseconds since 1970; 0 means unknown."""
        if now > 0:
            self._first = now if self._first is None else min(self._first, now)
            self._last = max(self._last, now)

    def add(self, bucket: int, now: int, read: int) -> None:
        """Note that a bucket had read so many events at this ingest time."""
        if now <= 0:
            return
        self.saw(now)
        counts = self._buckets.setdefault(bucket, {})
        low, high = counts.get(now, (read, read))
        counts[now] = (min(low, read), max(high, read))
        if len(counts) > _KEPT:
            times = sorted(counts)
            for time in times[1:-1:2]:
                del counts[time]

    def points(self) -> list[tuple[float, int]]:
        """Return (seconds since the first document, events read since), about one a second, at most ``POINTS``."""
        times, read = self._curve()
        return [(round(time, 3), round(events)) for time, events in zip(times.tolist(), read.tolist(), strict=True)]

    def steady_events_per_s(self) -> float | None:
        """Return the slope, by least squares, between the moments when 20 % and 90 % of the events had been read.

        The cut is by events, not by time, because it then fits itself to whatever a start or an end takes: while
        workers start, kernels compile and buffers fill, few events pass, however long that lasts; and at the end
        buckets run dry one by one. None where less than 3 seconds, or fewer than 4 points, lie between.
        """
        times, read = self._curve()
        if not len(times) or read[-1] <= 0:
            return None
        inner = (read >= _FIRST_SHARE * read[-1]) & (read <= _LAST_SHARE * read[-1])
        times, read = times[inner], read[inner]
        if len(times) < 4 or times[-1] - times[0] < _SHORTEST:
            return None
        centred = times - times.mean()
        return float(np.dot(centred, read) / np.dot(centred, centred))

    def recent_events_per_s(self, seconds: float = 10.0) -> float | None:
        """Return the mean rate over the last seconds of ingest time."""
        times, read = self._curve()
        if len(times) < 2:
            return None
        start = max(times[-1] - seconds, 0.0)
        return float((read[-1] - np.interp(start, times, read)) / (times[-1] - start))

    def _curve(self) -> tuple[F64, F64]:
        if self._first is None or self._last == self._first:
            return np.zeros(0), np.zeros(0)
        span = (self._last - self._first) / 1e6
        times = np.linspace(0.0, span, min(max(math.ceil(span) + 1, 2), POINTS))
        read = np.zeros(len(times))
        for counts in self._buckets.values():
            known = sorted(counts)
            at = [(time - self._first) / 1e6 for time in known]
            events = [float(counts[time][0]) for time in known]
            at.append(span)
            events.append(float(counts[known[-1]][1]))
            read += np.interp(times, at, events) - events[0]
        return times, read
