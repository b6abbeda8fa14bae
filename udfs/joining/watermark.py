"""The event time that a bucket has reached: the least of those of the lanes that send to it."""

from __future__ import annotations

from typing import Any, Final

QUIET: Final = 1 << 62
"""The time of a lane that nothing is awaited from."""


class Watermark:
    """Takes the time of each lane.

    In another start of the job every lane says its time anew.
    """

    def __init__(self, lanes: int) -> None:
        self._lanes, self._epoch = lanes, 0
        self._low: dict[int, int] = {}

    @property
    def low(self) -> int:
        """The time before which nothing comes any more, microseconds since 1970; 0 until every lane has said one."""
        return min(self._low.values()) if len(self._low) == self._lanes else 0

    def note(self, lane: int, low: int, epoch: int) -> None:
        """Take a lane's time."""
        if epoch > self._epoch:
            self._epoch, self._low = epoch, {}
        if epoch == self._epoch:
            self._low[lane] = low

    def dump(self) -> list[Any]:
        """Return the state as plain values."""
        return [self._epoch, sorted(self._low.items())]

    def load(self, dumped: list[Any]) -> None:
        """Take what ``dump`` returned."""
        self._epoch, self._low = dumped[0], {int(lane): int(low) for lane, low in dumped[1]}
