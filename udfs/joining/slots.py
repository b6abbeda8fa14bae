"""Frames by slot of event time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from udfs.frames import Frame
from udfs.frames.concat import concat
from udfs.types import I64

_ROWS = 4096
"""Rows that leave together, where time passes so fast: a frame costs as much as a thousand of them."""


class _Run(NamedTuple):
    """Rows that are sorted by slot, those of one slot in order of arrival."""

    slots: I64
    rows: Frame

    @classmethod
    def of(cls, parts: Sequence[_Run]) -> _Run:
        """Return the rows of all runs, the earlier ones first where slots are equal."""
        if len(parts) == 1:
            return parts[0]
        slots = np.concatenate([part.slots for part in parts])
        rows = concat([part.rows for part in parts])
        return cls(slots, rows).sorted()

    def sorted(self) -> _Run:
        """Return the rows in order."""
        if (np.diff(self.slots) >= 0).all():
            return self
        order = np.argsort(self.slots, kind="stable")
        return _Run(self.slots[order], self.rows.pick(order))

    def between(self, first: int, last: int) -> _Run:
        """Return the rows of these slots; the columns are views."""
        start, stop = self.slots.searchsorted([first, last + 1])
        return _Run(self.slots[start:stop], self.rows.slice(int(start), int(stop)))


class Slots:
    """Holds rows in slots of a width in microseconds, in order of arrival within each.

    Rows stand in a few sorted runs, as in a log-structured merge tree: a run that is not longer than the one after it
    becomes one with it, so that a row is copied as often as the logarithm of their number.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        """Return how many rows there are."""
        return sum(len(run.slots) for run in self._runs)

    def add(self, frame: Frame, moments: I64, earliest: int) -> None:
        """Add rows.

        Args:
            frame: the rows.
            moments: int64 (n,): each one's time, microseconds since 1970.
            earliest: the slot that rows of earlier slots go to.
        """
        if not frame.n:
            return
        self._runs.append(_Run(np.maximum(moments // self.width, earliest), frame).sorted())
        while len(self._runs) > 1 and len(self._runs[-2].slots) <= len(self._runs[-1].slots):
            self._runs[-2:] = [_Run.of(self._runs[-2:])]

    def batches(self, first: int, last: int) -> Iterator[tuple[int, Frame]]:
        """Yield the rows of slots from ``first`` to ``last``, slot by slot, as many together as leave together.

        Yields:
            The last slot of the rows, and the rows.
        """
        found = [run.between(first, last) for run in self._runs if run.slots[0] <= last]
        slots = np.sort(np.concatenate([run.slots for run in found])) if found else np.empty(0, np.int64)
        start = 0
        while start < len(slots):
            stop = slots[min(start + _ROWS, len(slots)) - 1]
            parts = [run.between(int(slots[start]), int(stop)) for run in found]
            yield int(stop), _Run.of([part for part in parts if len(part.slots)]).rows
            start = int(slots.searchsorted(stop + 1))

    def drop(self, last: int) -> int:
        """Forget all slots up to ``last``; return how many rows they held."""
        before = len(self)
        self._runs = [rest for run in self._runs if len((rest := _rest(run, last)).slots)]
        return before - len(self)

    def drop_oldest(self, kept: int) -> int:
        """Forget as many of the oldest slots as leave ``kept`` rows at the most; return how many rows they held."""
        slots = np.sort(np.concatenate([run.slots for run in self._runs]))
        return self.drop(int(slots[len(slots) - kept - 1])) if len(slots) > kept else 0

    def least(self, column: str) -> int | None:
        """Return the least value of a column of whole numbers; None where there are no rows."""
        return min((int(run.rows.columns[column].min()) for run in self._runs), default=None)

    def dump(self) -> list[Frame]:
        """Return all rows in one frame, slot by slot, which the column ``slot`` names; nothing if there are none."""
        if not self._runs:
            return []
        slots, rows = _Run.of(self._runs)
        rows = concat([rows])
        return [Frame(rows.kind, rows.n, rows.meta, {**rows.columns, "slot": slots}, rows.ragged)]

    def load(self, frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        for frame in frames:
            self._runs.append(_Run(frame.columns.pop("slot"), frame))


def _rest(run: _Run, last: int) -> _Run:
    """Return what comes after a slot: a view, or a copy where that sets free more than it takes."""
    if run.slots[0] > last:
        return run
    rest = run.between(last + 1, int(run.slots[-1]))
    if 2 * len(rest.slots) > len(run.slots):
        return rest
    return _Run(rest.slots.copy(), rest.rows.pick(np.arange(len(rest.slots))))
