"""Frames by slot of event time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from udfs.frames import Frame
from udfs.frames.concat import concat
from udfs.types import I64

_ROWS = 4096
"""Rows that leave together, where time passes so fast: a frame costs as much as a thousand of them."""
_GONE: Final = np.iinfo(np.int64).min
"""The slot of rows that have left a block which others are still in."""


@dataclass(slots=True)
class _Block:
    """Rows in order of arrival; ``first`` and ``last`` are the least and the greatest slot of those that are left."""

    slots: I64
    rows: Frame
    left: int
    first: int
    last: int

    @classmethod
    def of(cls, slots: I64, rows: Frame) -> _Block:
        """Return a block that no row has left."""
        return cls(slots, rows, len(slots), int(slots.min()), int(slots.max()))

    def between(self, first: int, last: int) -> Iterator[_Block]:
        """Yield the rows of these slots, which may be this block itself, as a block; nothing if there are none."""
        if first <= self.first and self.last <= last and self.left == len(self.slots):
            yield self
        elif first <= self.last and self.first <= last:
            found = np.flatnonzero((self.slots >= max(first, self.first)) & (self.slots <= last))
            if len(found):
                yield _Block.of(self.slots[found], self.rows.pick(found))

    def after(self, last: int) -> _Block:
        """Return what comes after a slot, copied where that sets free more than it takes."""
        if self.first > last:
            return self
        left = self.slots > last
        count = int(np.count_nonzero(left))
        if 2 * count <= len(left):
            return _Block.of(self.slots[left], self.rows.pick(np.flatnonzero(left)))
        self.slots[~left] = _GONE
        return _Block(self.slots, self.rows, count, int(self.slots.min(where=left, initial=self.last)), self.last)


class Slots:
    """Holds rows in slots of a width in microseconds.

    Rows stand in blocks as they came; small ones become one, so that a row is copied as often as the logarithm of how
    many make a block. They are not sorted: who takes them out has an order of its own.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._blocks: list[_Block] = []

    def __len__(self) -> int:
        """Return how many rows there are."""
        return sum(block.left for block in self._blocks)

    def add(self, frame: Frame, moments: I64, earliest: int) -> None:
        """Add rows.

        Args:
            frame: the rows.
            moments: int64 (n,): each one's time, microseconds since 1970.
            earliest: the slot that rows of earlier slots go to.
        """
        if not frame.n:
            return
        self._blocks.append(_Block.of(np.maximum(moments // self.width, earliest), frame))
        while len(self._blocks) > 1 and len(self._blocks[-2].slots) <= min(len(self._blocks[-1].slots), _ROWS):
            self._blocks[-2:] = [_joined(self._blocks[-2:])]

    def batches(self, first: int, last: int) -> Iterator[tuple[int, Frame]]:
        """Yield the rows of slots from ``first`` to ``last``, as many slots together as leave together.

        Yields:
            The last slot of the rows, and the rows, in order of arrival.
        """
        found = [part for block in self._blocks for part in block.between(first, last)]
        slots = np.sort(np.concatenate([block.slots for block in found])) if found else np.empty(0, np.int64)
        start = 0
        while start < len(slots):
            low, stop = int(slots[start]), int(slots[min(start + _ROWS, len(slots)) - 1])
            yield stop, concat([part.rows for block in found for part in block.between(low, stop)])
            start = int(slots.searchsorted(stop + 1))

    def drop(self, last: int) -> int:
        """Forget all slots up to ``last``; return how many rows they held."""
        before = len(self)
        self._blocks = [block.after(last) for block in self._blocks if block.last > last]
        return before - len(self)

    def drop_oldest(self, kept: int) -> int:
        """Forget as many of the oldest slots as leave ``kept`` rows at the most; return how many rows they held."""
        if len(self) <= kept:
            return 0
        slots = np.sort(np.concatenate([block.slots for block in self._blocks]))
        return self.drop(int(slots[len(slots) - kept - 1]))

    def least(self, column: str) -> int | None:
        """Return the least value of a column of whole numbers; None where there are no rows."""
        left = (block.rows.columns[column][block.slots != _GONE] for block in self._blocks)
        return min((int(values.min()) for values in left), default=None)

    def dump(self) -> list[Frame]:
        """Return all rows in one frame, in order of arrival, with the column ``slot``; nothing if there are none."""
        if not self._blocks:
            return []
        whole = _joined(self._blocks)
        rows = whole.rows
        return [Frame(rows.kind, rows.n, rows.meta, {**rows.columns, "slot": whole.slots}, rows.ragged)]

    def load(self, frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        for frame in frames:
            self._blocks.append(_Block.of(frame.columns.pop("slot").copy(), frame))


def _joined(blocks: Sequence[_Block]) -> _Block:
    """Return the rows that are left of all blocks as one."""
    parts = [part for block in blocks for part in block.between(block.first, block.last)]
    return _Block.of(np.concatenate([part.slots for part in parts]), concat([part.rows for part in parts]))
