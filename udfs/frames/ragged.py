"""A column whose rows have different lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from udfs.jit import kernel
from udfs.types import I64, U32, Column


@kernel
def _point(starts: U32, rows: I64, pointers: U32) -> None:
    at = np.uint32(0)
    for i in range(len(rows)):
        pointers[i] = at
        at += starts[rows[i] + 1] - starts[rows[i]]
    pointers[len(rows)] = at


@kernel
def _take(starts: U32, values: Column, rows: I64, pointers: U32, out: Column) -> None:
    for i in range(len(rows)):
        source = starts[rows[i]]
        for j in range(pointers[i + 1] - pointers[i]):
            out[pointers[i] + j] = values[source + j]


@dataclass(slots=True)
class Ragged:
    """Row ``i`` is ``values[pointers[i]:pointers[i + 1]]``.

    Attributes:
        pointers: uint32, one longer than the column; the first is 0.
        values: uint8 for byte strings, uint32 for hashes.
    """

    pointers: U32
    values: Column

    def __len__(self) -> int:
        return len(self.pointers) - 1

    def row(self, i: int) -> Column:
        """Return row ``i``."""
        return self.values[self.pointers[i] : self.pointers[i + 1]]

    def bytes_at(self, i: int) -> bytes:
        """Return row ``i`` of a column of byte strings."""
        return self.row(i).tobytes()

    def slice(self, start: int, stop: int) -> Ragged:
        """Return rows ``start`` to ``stop``; the values are a view."""
        first, last = self.pointers[start], self.pointers[stop]
        return Ragged(self.pointers[start : stop + 1] - first, self.values[first:last])

    def take(self, rows: I64) -> Ragged:
        """Return a copy of these rows, in this order."""
        if not len(self.values):
            return Ragged(np.zeros(len(rows) + 1, np.uint32), self.values)
        pointers = np.empty(len(rows) + 1, np.uint32)
        _point(self.pointers, rows, pointers)
        out = np.empty(int(pointers[-1]), self.values.dtype)
        _take(self.pointers, self.values, rows, pointers, out)
        return Ragged(pointers, out)

    @classmethod
    def of_bytes(cls, rows: list[bytes]) -> Ragged:
        """Make a column of byte strings.

        >>> Ragged.of_bytes([b"ab", b"", b"c"]).bytes_at(2)
        b'c'
        """
        pointers = np.zeros(len(rows) + 1, np.uint32)
        np.cumsum([len(row) for row in rows], out=pointers[1:])
        return cls(pointers, np.frombuffer(b"".join(rows), np.uint8))
