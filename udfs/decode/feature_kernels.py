"""Cleaned values of one field to what one feature or label makes of them, a column at a time."""

from __future__ import annotations

import numpy as np

from udfs.decode.field_kernels import equals_any
from udfs.decode.scan import utf8_length
from udfs.hashing.murmur3 import murmur3_32
from udfs.jit import kernel
from udfs.types import F64, I64, U8, U32, U64, Bool


@kernel
def single_column(source: U8, span: I64, seed: int, column: int, chosen: Bool, single: U32, present: U64) -> None:
    """Hash a one-slot feature into ``single[:, column]`` and set its bit."""
    word = column >> 6
    bit = np.uint64(1) << np.uint64(column & 63)
    for row in range(len(chosen)):
        if chosen[row] and span[row, 1] > span[row, 0]:
            single[row, column] = murmur3_32(source, span[row, 0], span[row, 1], seed)
            present[row, word] |= bit


@kernel
def token_column(source: U8, span: I64, seed: int, used: int, chosen: Bool, hashes: U32, out: I64) -> int:
    """Append the hashes of each row's tokens (split on U+0020); return how much of ``hashes`` is used then."""
    for row in range(len(chosen)):
        if chosen[row]:
            out[row, 0] = used
            start, stop = span[row, 0], span[row, 1]
            first = start
            for j in range(start, stop + 1):
                if j == stop or source[j] == 32:
                    if j > first:
                        hashes[used] = murmur3_32(source, first, j, seed)
                        used += 1
                    first = j + 1
            out[row, 1] = used
    return used


@kernel
def ngram_column(source: U8, span: I64, size: int, seed: int, used: int, chosen: Bool, hashes: U32, out: I64) -> int:
    """Append the hashes of each row's runs of ``size`` code points; return how much of ``hashes`` is used then."""
    for row in range(len(chosen)):
        if chosen[row]:
            out[row, 0] = used
            first, end, stop = span[row, 0], span[row, 0], span[row, 1]
            points = 0
            while end < stop:
                end += utf8_length(source, end, stop)
                points += 1
                if points >= size:
                    hashes[used] = murmur3_32(source, first, end, seed)
                    used += 1
                    first += utf8_length(source, first, stop)
            out[row, 1] = used
    return used


@kernel
def label_column(source: U8, span: I64, values: I64, chosen: Bool, out: F64) -> None:
    """Label rows 1 whose value is one of ``source[values[i, 0]:values[i, 1]]``, else 0; NaN where it is missing."""
    for row in range(len(chosen)):
        if chosen[row] and span[row, 1] > span[row, 0]:
            out[row] = 1.0 if equals_any(source, span[row, 0], span[row, 1], source, values) else 0.0


@kernel
def copy_column(source: U8, span: I64, used: int, chosen: Bool, text: U8, out: I64) -> int:
    """Copy strings to the end of ``text``; return how much of it is used then."""
    for row in range(len(chosen)):
        if chosen[row]:
            out[row, 0] = used
            length = span[row, 1] - span[row, 0]
            text[used : used + length] = source[span[row, 0] : span[row, 1]]
            used += length
            out[row, 1] = used
    return used
