"""Columns in as few bytes as hold them exactly: integers above their smallest, in the narrowest type; whole numbers;
the place of each in a table.

Times, positions and lengths of one batch lie close together, labels are 0 and 1, users and devices are few, and many
columns hold one value in all rows: those take no bytes at all.
"""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

import numpy as np

from udfs.frames import dictionary
from udfs.jit import kernel
from udfs.types import F64, I64, U8, U16, U32, Column

AS_IT_IS: Final = -1
WHOLE: Final = -2
TABLE: Final = -3
"""Packings besides the number of bytes (0, 1, 2 or 4) that a value above the base takes."""

Packing: TypeAlias = tuple[int, int]
"""How a column was packed, and its base; of one with tables, how many bytes it takes."""

DType: TypeAlias = np.dtype[Any]
_VIEWS: Final[dict[int, DType]] = {
    1: np.dtype(np.uint8),
    2: np.dtype(np.uint16),
    4: np.dtype(np.uint32),
    8: np.dtype(np.int64),
}
_WIDEST: Final = {size: np.uint64((1 << (4 * size if size > 1 else 0)) - 1) for size in _VIEWS}
_BLOCK: Final = 256
_FEW: Final = 256
"""Values that are worth no table."""
_BITS: Final[dict[int, DType]] = {4: np.dtype(np.uint32), 8: np.dtype(np.uint64)}
_NOTHING: Final = np.zeros(0, np.uint8)
_UNSIGNED: Final[dict[int, DType]] = {1: np.dtype(np.uint8), 2: np.dtype(np.uint16), 4: np.dtype(np.uint32)}


@kernel
def _range(values: I64 | U32 | U16 | U8, widest: np.uint64) -> tuple[int, np.uint64, bool]:
    """Return the least value, how far above it the greatest is, and whether that is within ``widest``; stop if not."""
    low = high = values[0]
    for start in range(0, len(values), _BLOCK):
        for i in range(start, min(start + _BLOCK, len(values))):
            low, high = min(low, values[i]), max(high, values[i])
        if np.uint64(high) - np.uint64(low) > widest:
            return low, widest, False
    return low, np.uint64(high) - np.uint64(low), True


@kernel
def _whole(values: F64) -> bool:
    """Return whether all values are whole numbers from 0 to 255, and none is -0."""
    found = True
    for value in values:
        if not (0.0 <= value <= 255.0) or np.floor(value) != value or np.signbit(value):
            found = False
            break
    return found


def pack(array: Column) -> tuple[Packing, Column]:
    """Return how an array is packed, and what is stored of it."""
    if not array.size:
        return (AS_IT_IS, 0), array
    packing, data = _above_least(array)
    if data.itemsize < min(_BITS) or data.size < _FEW:
        return packing, data
    bits = np.ascontiguousarray(array).view(_BITS[array.dtype.itemsize]).reshape(len(array), -1)
    tables = dictionary.pack(bits, data.nbytes)
    return (packing, data) if tables is None else ((TABLE, tables.nbytes), tables)


def _above_least(array: Column) -> tuple[Packing, Column]:
    size = array.dtype.itemsize
    values = array.reshape(-1)
    low, span, near = _range(values.view(_VIEWS[size]), _WIDEST[size])
    if not near:
        whole = array.dtype == np.float64 and _whole(values)
        return ((WHOLE, 0), values.astype(np.uint8)) if whole else ((AS_IT_IS, 0), array)
    bits = int(span).bit_length()
    width = next(width for width in (0, 1, 2, 4) if bits <= 8 * width)
    if not width:
        return (0, int(low)), _NOTHING
    return (width, int(low)), (values.view(_VIEWS[size]) - low).astype(_UNSIGNED[width])


def stored(packing: Packing, dtype: DType, count: int) -> tuple[DType, int]:
    """Return the type and number of what is stored of an array of ``count`` values."""
    width = packing[0]
    if width == AS_IT_IS:
        return dtype, count
    if width == TABLE:
        return np.dtype(np.uint8), packing[1]
    return _UNSIGNED[1 if width == WHOLE else max(width, 1)], count if width else 0


def unpack(packing: Packing, data: Column, dtype: DType, shape: tuple[int, ...]) -> Column:
    """Return the array that was packed; read-only however it was packed, so that kernels are compiled once."""
    width, low = packing
    if width == AS_IT_IS:
        return data.reshape(shape)
    out: Column
    if width == TABLE:
        out = dictionary.unpack(data, dtype, (shape[0], math.prod(shape[1:])))
    elif width == WHOLE:
        out = data.astype(np.float64)
    else:
        view = _VIEWS[dtype.itemsize]
        out = data.astype(view) if width else np.full(math.prod(shape), low, view)
        if width:
            out += view.type(low)
        out = out.view(dtype)
    out.flags.writeable = False
    return out.reshape(shape)
