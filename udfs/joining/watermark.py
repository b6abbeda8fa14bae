"""The event time that a bucket has reached, by what the lanes that send to it have told."""

from __future__ import annotations

from typing import Any


class Watermark:
    """Takes the time of each lane.

    A quiet lane, from which nothing is awaited just now, holds the others back no more; but time never goes further
    than some lane has come, for what follows a silence may still be an answer. In another start of the job every lane
    says its time anew.
    """

    def __init__(self, lanes: int) -> None:
        self._lanes, self._epoch = lanes, 0
        self._told: dict[int, tuple[int, bool]] = {}

    @property
    def low(self) -> int:
        """The time before which nothing comes any more, microseconds since 1970; 0 until every lane has said one."""
        if len(self._told) < self._lanes:
            return 0
        awaited = [low for low, quiet in self._told.values() if not quiet]
        return min(awaited) if awaited else max(low for low, _ in self._told.values())

    def note(self, lane: int, low: int, quiet: bool, epoch: int) -> None:
        """Take a lane's time, and whether it is quiet."""
        if epoch > self._epoch:
            self._epoch, self._told = epoch, {}
        if epoch == self._epoch:
            self._told[lane] = low, quiet

    def dump(self) -> list[Any]:
        """Return the state as plain values."""
        return [self._epoch, sorted((lane, *told) for lane, told in self._told.items())]

    def load(self, dumped: list[Any]) -> None:
        """Take what ``dump`` returned."""
        self._epoch, self._told = dumped[0], {lane: (low, quiet) for lane, low, quiet in dumped[1]}
