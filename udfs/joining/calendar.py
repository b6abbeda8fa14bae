"""The features of impressions until their windows close."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from udfs.frames import Frame
from udfs.joining.slots import Slots
from udfs.types import I64

_SLOTS = 32
"""Slots in the shortest window: an example leaves late by at most one of them."""
_BEFORE = -(1 << 62)


class Due(NamedTuple):
    """Impressions whose window for a label has closed."""

    label: int
    rows: Frame


class Calendar:
    """Holds rows until the window of the last of its labels has closed; each label leaves slot by slot."""

    def __init__(self, windows: Mapping[int, int], unit: int) -> None:
        """Keep the rules.

        Args:
            windows: of each label, the microseconds after its moment that a row is due.
            unit: microseconds that the width of a slot is a multiple of.
        """
        self._windows = dict(windows)
        self._slots = Slots(max(1, min(windows.values()) // _SLOTS // unit) * unit)
        self._closed = dict.fromkeys(windows, _BEFORE)

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, frame: Frame, moments: I64) -> None:
        """Hold rows whose windows begin at these moments; what comes for a slot that is closed leaves with the next."""
        self._slots.add(frame, moments, max(self._closed.values()) + 1)

    def oldest(self) -> int | None:
        """Return the least number of an impression that is held; None where there is none."""
        return self._slots.least("impression")

    def due(self, low: int) -> Iterator[Due]:
        """Yield what has closed when everything before ``low`` has arrived, in the order of the slots of each label."""
        for label, window in self._windows.items():
            last = (low - window) // self._slots.width - 1
            for slot, rows in self._slots.batches(self._closed[label] + 1, last):
                self._closed[label] = slot
                yield Due(label, rows)
        self._slots.drop(min(self._closed.values()))

    def dump(self) -> tuple[list[int], list[Frame]]:
        """Return plain values, and frames."""
        return list(self._closed.values()), self._slots.dump()

    def load(self, closed: list[int], frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        self._closed = dict(zip(self._windows, closed, strict=True))
        self._slots.load(frames)
