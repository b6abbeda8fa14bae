"""Frames by slot of event time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from udfs.frames import Frame
from udfs.frames.concat import concat
from udfs.types import I64

_ROWS = 4096
"""Rows that leave together, where time passes so fast: a frame costs as much as a thousand of them."""


class Slots:
    """Holds rows in slots of a width in microseconds, in order of arrival within each."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._frames: dict[int, list[Frame]] = {}
        self._rows = 0

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self._rows

    def add(self, frame: Frame, moments: I64, earliest: int) -> None:
        """Add rows.

        Args:
            frame: the rows.
            moments: int64 (n,): each one's time, microseconds since 1970.
            earliest: the slot that rows of earlier slots go to.
        """
        slots = np.maximum(moments // self.width, earliest)
        if (np.diff(slots) < 0).any():
            order = np.argsort(slots, kind="stable")
            frame, slots = frame.pick(order), slots[order]
        for slot, rows in _cut(frame, slots):
            self._frames.setdefault(slot, []).append(rows)
        self._rows += frame.n

    def between(self, first: int, last: int) -> list[int]:
        """Return the slots that hold rows from ``first`` to ``last``, in order."""
        return sorted(slot for slot in self._frames if first <= slot <= last)

    def batches(self, first: int, last: int) -> Iterator[list[int]]:
        """Yield the slots that hold rows from ``first`` to ``last``, in order, as many together as leave together."""
        group, held = [], 0
        for slot in self.between(first, last):
            group.append(slot)
            held += self._size(slot)
            if held >= _ROWS:
                yield group
                group, held = [], 0
        if group:
            yield group

    def rows(self, slots: Sequence[int]) -> Frame:
        """Return the rows of slots that hold some, slot by slot."""
        return concat([frame for slot in slots for frame in self._frames[slot]])

    def _size(self, slot: int) -> int:
        return sum(frame.n for frame in self._frames[slot])

    def drop(self, slot: int) -> int:
        """Forget a slot; return how many rows it held."""
        gone = self._size(slot)
        del self._frames[slot]
        self._rows -= gone
        return gone

    def dump(self) -> list[Frame]:
        """Return all rows in one frame, slot by slot, which the column ``slot`` names; nothing if there are none."""
        slots = sorted(self._frames)
        if not slots:
            return []
        rows = self.rows(slots)
        counts = [self._size(slot) for slot in slots]
        return [Frame(rows.kind, rows.n, rows.meta, {**rows.columns, "slot": np.repeat(slots, counts)}, rows.ragged)]

    def load(self, frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        for frame in frames:
            for slot, rows in _cut(frame, frame.columns.pop("slot")):
                self._frames[slot] = [rows]
            self._rows += frame.n


def _cut(frame: Frame, slots: I64) -> Iterator[tuple[int, Frame]]:
    """Yield each slot, of which all rows stand together, and its rows."""
    for start, stop in itertools.pairwise([0, *(np.flatnonzero(np.diff(slots)) + 1).tolist(), frame.n]):
        yield int(slots[start]), frame.slice(start, stop)
