"""Feedback that waits until all impressions that it may answer have arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from udfs.frames import Frame
from udfs.joining.order import by_time
from udfs.joining.slots import Slots


class Pending:
    """Feedback by the slot of its time; a row has a kind, a value, a time and an order among those of one time.

    Attributes:
        given_up: how many were given up because the bound was reached.
    """

    def __init__(self, max_feedback: int, unit: int) -> None:
        """Keep the bound, and how many microseconds a slot takes."""
        self._max = max(max_feedback, 16)
        self._slots = Slots(unit)
        self.given_up = 0

    def __len__(self) -> int:
        return len(self._slots)

    def append(self, frame: Frame) -> None:
        """Add rows; at the bound the oldest quarter gives way, slot by slot."""
        start = 0
        while start < frame.n:
            # Room is made when a certain row comes, so that how rows are cut into frames changes nothing.
            if len(self) >= self._max:
                self.given_up += self._slots.drop_oldest(self._max * 3 // 4)
            stop = min(frame.n, start + self._max - len(self))
            piece = frame.slice(start, stop)
            self._slots.add(piece, piece.columns["time"], 0)
            start = stop

    def due(self, low: int) -> Iterator[Frame]:
        """Take out the slots that end at ``low`` or before it, in the order of time."""
        last = low // self._slots.width - 1
        for _, rows in self._slots.batches(0, last):
            yield _ordered(rows)
        self._slots.drop(last)

    def before(self, low: int) -> Iterator[Frame]:
        """Take out all rows before ``low``, in the order of time: also those of the slot that ``low`` lies in."""
        yield from self.due(low)
        last = low // self._slots.width
        begun = [rows for _, rows in self._slots.batches(last, last)]
        self._slots.drop(last)
        for rows in begun:
            early = rows.columns["time"] < low
            later = rows.pick(np.flatnonzero(~early))
            self._slots.add(later, later.columns["time"], 0)
            yield _ordered(rows.pick(np.flatnonzero(early)))

    def dump(self) -> list[Frame]:
        """Return the rows as frames."""
        return self._slots.dump()

    def load(self, frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        self._slots.load(frames)


def _ordered(rows: Frame) -> Frame:
    return rows.pick(by_time(rows.columns["time"], rows.columns["order"]))
