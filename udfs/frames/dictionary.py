"""Arrays of which some columns have few different values: one byte a value, and a table of them.

It is the dictionary encoding of columnar files (https://parquet.apache.org/docs/file-format/data-pages/encodings/),
within one frame: the rows of a bucket share users, devices and searches.

Layout: of every column the length of its table, 0 where it has none (2 bytes each); then column by column one byte a
value and the table, or the values as they are. Each begins at a multiple of 8 bytes.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from udfs.jit import kernel
from udfs.types import U8, U16, U32, U64, Column

LONGEST: Final = 256
"""Values of a table: those that a byte tells apart."""
_PLACES: Final = 1024
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(54)


@kernel
def _look_up(values: U32 | U64, column: int, codes: U8, table: U32 | U64) -> int:
    """Write the place of each of a column's values in their table; return the table's length, 0 if it is too long."""
    places: U16 = np.zeros(_PLACES, np.uint16)
    length = 0
    for row in range(len(values)):
        value = values[row, column]
        place = np.int64((np.uint64(value) * _MIX) >> _SHIFT)
        while places[place] and table[places[place] - 1] != value:
            place = (place + 1) & (_PLACES - 1)
        if not places[place]:
            if length == LONGEST:
                return 0
            table[length] = value
            length += 1
            places[place] = length
        codes[row] = places[place] - 1
    return length


def pack(values: U32 | U64, limit: int) -> U8 | None:
    """Return an array (n, k), n > 0, with the columns that have few different values as codes; None if nothing is won.

    Args:
        values: the array.
        limit: bytes that the result must stay below.
    """
    n, k = values.shape
    lengths: U16 = np.zeros(k, np.uint16)
    parts: list[Column] = [lengths]
    for column in range(k):
        codes: U8 = np.empty(n, np.uint8)
        table = np.empty_like(values, shape=LONGEST)
        lengths[column] = _look_up(values, column, codes, table)
        parts += [codes, table[: lengths[column]]] if lengths[column] else [values[:, column]]
    size = sum(_padded(part.nbytes) for part in parts)
    if not lengths.any() or size >= limit:
        return None
    packed: U8 = np.zeros(size, np.uint8)
    start = 0
    for part in parts:
        packed[start : start + part.nbytes].view(part.dtype)[:] = part
        start += _padded(part.nbytes)
    return packed


def unpack(packed: U8, dtype: np.dtype[Any], shape: tuple[int, int]) -> Column:
    """Return the array of ``pack``."""
    n, k = shape
    values = np.empty(shape, dtype)
    start = 0

    def read(kind: np.dtype[Any], count: int) -> Column:
        nonlocal start
        part = packed[start : start + count * kind.itemsize].view(kind)
        start += _padded(part.nbytes)
        return part

    for column, length in enumerate(read(np.dtype(np.uint16), k).tolist()):
        if length:
            codes = read(np.dtype(np.uint8), n)
            values[:, column] = read(dtype, length)[codes]
        else:
            values[:, column] = read(dtype, n)
    return values


def _padded(size: int) -> int:
    return -(-size // 8) * 8
