"""The hashed coordinates of whole frames in one pass over the rows, a step for each feature."""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.features.values import MICROSECONDS_PER_HOUR
from udfs.jit import kernel
from udfs.types import I32, I64, U16, U32, U64

ONE: Final = 0
"""A step (ONE, column, bit, 0): the hash in a column of ``single``, where ``present`` has the bit; see ``TIMED``."""
CROSS: Final = 1
"""A step (CROSS, seed, first, stop): these rows of ``parts``, each a (column, bit), combined."""
SEVERAL: Final = 2
"""A step (SEVERAL, column, 0, 0): the row's values in a ragged column."""
TIMED: Final = -1
"""In place of a bit: the hash is in a column of ``timed``, and never missing."""


@kernel
def time_part(time: I64, offset: int, weekday: bool, table: U32, out: U32) -> None:
    """Write the hashes (n,) of a part of times, from those of its values; the offset is in microseconds."""
    for row in range(len(time)):
        hours = (time[row] + offset) // MICROSECONDS_PER_HOUR
        out[row] = table[(hours // 24 + 3) % 7] if weekday else table[hours % 24]


@kernel
def _one(row: int, column: int, bit: int, single: U32, present: U64, timed: U32) -> tuple[np.uint32, bool]:
    if bit == TIMED:
        return timed[column, row], True
    return single[row, column], (present[row, bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1) != 0


@kernel
def fill(
    steps: I64,
    parts: I64,
    single: U32,
    present: U64,
    timed: U32,
    pointers: I64,
    values: U32,
    indptr: I32,
    slot: U32,
    field: U16,
) -> int:
    """Write the hashed coordinates of all rows; return how many there are.

    Args:
        steps: int64 (features, 4): how each feature's hashes are made.
        parts: int64 (parts, 2): what crosses are made of.
        single: uint32 (n, columns).
        present: uint64 (n, words): the bits.
        timed: uint32 (time parts, n).
        pointers: int64 (ragged columns, n + 1).
        values: uint32: what the pointers point into.
        indptr: int32 (n + 1,): out; the first stays as it is.
        slot: uint32 (room,): out.
        field: uint16 (room,): out, the feature's number.
    """
    at = np.uint64(0)
    for row in range(len(single)):
        for f in range(len(steps)):
            kind, first, second = steps[f, 0], steps[f, 1], steps[f, 2]
            if kind == ONE:
                # What is missing is written too and then written over: cheaper than a branch.
                slot[at], there = _one(row, first, second, single, present, timed)
                field[at] = f
                at += np.uint64(there)
            elif kind == CROSS:
                h, there = np.uint32(first), True
                for p in range(second, steps[f, 3]):
                    part, found = _one(row, parts[p, 0], parts[p, 1], single, present, timed)
                    h = np.uint32(np.uint32(h * np.uint32(0x9E3779B1)) ^ part)
                    h ^= h >> np.uint32(15)
                    there &= found
                slot[at], field[at] = np.uint32(h * np.uint32(0x85EBCA6B)), f
                at += np.uint64(there)
            else:
                for j in range(pointers[first, row], pointers[first, row + 1]):
                    slot[at], field[at] = values[j], f
                    at += np.uint64(1)
        indptr[row + 1] = at
    return int(at)
