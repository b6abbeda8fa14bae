"""Frames by slot of event time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from udfs.frames import Frame
from udfs.frames.concat import concat
from udfs.types import I64


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
        found = np.unique(slots).tolist()
        for slot in found:
            rows = frame if len(found) == 1 else frame.pick(np.flatnonzero(slots == slot))
            self._frames.setdefault(slot, []).append(rows)
        self._rows += frame.n

    def between(self, first: int, last: int) -> list[int]:
        """Return the slots that hold rows from ``first`` to ``last``, in order."""
        return sorted(slot for slot in self._frames if first <= slot <= last)

    def rows(self, slot: int) -> Frame:
        """Return the rows of a slot that holds some."""
        frames = self._frames[slot]
        if len(frames) > 1:
            self._frames[slot] = frames = [concat(frames)]
        return frames[0]

    def drop(self, slot: int) -> int:
        """Forget a slot; return how many rows it held."""
        gone = sum(frame.n for frame in self._frames.pop(slot))
        self._rows -= gone
        return gone

    def dump(self) -> tuple[list[int], list[Frame]]:
        """Return the slots in order, and the rows of each."""
        slots = sorted(self._frames)
        return slots, [concat(self._frames[slot]) for slot in slots]

    def load(self, slots: Sequence[int], frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        self._frames = {slot: [frame] for slot, frame in zip(slots, frames, strict=True)}
        self._rows = sum(frame.n for frame in frames)
