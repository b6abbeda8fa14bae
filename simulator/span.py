"""Spans of the simulated time, which is counted in milliseconds since the run's start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.checks import refuse, within
from udfs.types import I64, Bool

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS


@dataclass(frozen=True, kw_only=True)
class Span:
    """From a time to a time.

    Attributes:
        start: days since the run's start.
        stop: likewise; the span ends just before it.
    """

    start: float
    stop: float

    def __post_init__(self) -> None:
        within(self, 0, 36_500, "start", "stop")
        if self.stop <= self.start:
            refuse(self, "stop", self.stop, f"more than start, which is {self.start}")

    @property
    def start_ms(self) -> int:
        """The first millisecond of the span."""
        return round(self.start * DAY_MS)

    @property
    def stop_ms(self) -> int:
        """The first millisecond after the span."""
        return round(self.stop * DAY_MS)

    def holds(self, time: I64) -> Bool:
        """Return which of the times (n,), in milliseconds since the run's start, lie in the span."""
        inside: Bool = (time >= self.start_ms) & (time < self.stop_ms)
        return inside
