"""JSON's tokens for the line kernels: strings eight bytes at a time, numbers in one pass.

The bytes behind a line are zeros, at least eight of them: no token goes on past a zero, so that only a loop over whole
words and what is inside a UTF-8 sequence needs to know where the line ends.
"""

from __future__ import annotations

import math

import numpy as np

from udfs.decode.scan import utf8_length
from udfs.jit import inlined, loop
from udfs.types import U8
from udfs.words import load8, load64, trailing_zeros

ABSENT, STRING, INTEGER, DECIMAL, TRUE, FALSE, NULL, OTHER, ARRAY = range(9)
"""What a value is; OTHER is what kernels do not read: strings with escapes, objects, arrays that hold either."""

ONES, HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_SPACES, _QUOTES, _SLASHES = ONES * np.uint64(32), ONES * np.uint64(34), ONES * np.uint64(92)
_EXACT = 1 << 53
_LARGEST_POWER = 22
_POWERS = np.array([10.0**i for i in range(_LARGEST_POWER + 1)])


@inlined
def skip_blank(data: U8, i: int) -> int:
    """Return the index of the first byte from ``i`` on that is not JSON's white space."""
    c = load8(data, i)
    while c == 32 or c == 10 or c == 13 or c == 9:
        i += 1
        c = load8(data, i)
    return i


@inlined
def string_end(data: U8, i: int, stop: int) -> tuple[int, bool]:
    """Return the index of the quote that ends a string begun before ``i`` and whether it is free of escapes; or -1."""
    plain = True
    while True:
        word = load64(data, i)
        quotes, slashes = word ^ _QUOTES, word ^ _SLASHES
        # The lowest bit is exact: borrows only go up (Warren, Hacker's Delight, 6-1). Above it any bit may be set.
        found = (((quotes - ONES) & ~quotes) | ((slashes - ONES) & ~slashes) | ((word - _SPACES) & ~word) | word) & HIGH
        if found == 0:
            i += 8
            continue
        i += trailing_zeros(found) >> 3
        c = load8(data, i)
        if c == 34:
            return i, plain
        if c < 32:
            return -1, False
        if c == 92:
            plain = False
            i = _escape_end(data, i + 1)
            if i < 0:
                return -1, False
        else:
            length = utf8_length(data, i, stop)
            if length == 0:
                return -1, False
            i += length


@loop
def _escape_end(data: U8, i: int) -> int:
    c = data[i]
    if c == 117:
        for j in range(i + 1, i + 5):
            x = data[j]
            if not (48 <= x <= 57 or 65 <= x <= 70 or 97 <= x <= 102):
                return -1
        return i + 5
    if c == 34 or c == 92 or c == 47 or c == 98 or c == 102 or c == 110 or c == 114 or c == 116:
        return i + 1
    return -1


@inlined
def literal(data: U8, i: int) -> tuple[int, int]:
    """Return the end and tag of ``true``, ``false`` or ``null`` at ``i``; the end is -1 when it is none."""
    word = load64(data, i) & np.uint64(0xFFFFFFFF)
    if word == np.uint64(0x65757274):
        return i + 4, TRUE
    if word == np.uint64(0x6C6C756E):
        return i + 4, NULL
    if word == np.uint64(0x736C6166) and load8(data, i + 4) == 101:
        return i + 5, FALSE
    return -1, 0


@inlined
def number(data: U8, i: int) -> tuple[int, int, float]:
    """Return the end, tag and value of the JSON number at ``i``; the end is -1 when it is none.

    The value is NaN unless it is read exactly: at most 18 digits that make a mantissa below 2**53, and a power of ten
    within 22, round once (Clinger 1990). An integer has no negative zero.
    """
    negative = load8(data, i) == 45
    if negative:
        i += 1
    first = i
    mantissa = np.int64(0)
    c = load8(data, i)
    while 48 <= c <= 57:
        mantissa = mantissa * 10 + (np.int64(c) - 48)
        i += 1
        c = load8(data, i)
    digits = i - first
    if digits == 0 or (digits > 1 and load8(data, first) == 48):
        return -1, 0, 0.0
    tag = INTEGER
    exponent = np.int64(0)
    if c == 46:
        tag = DECIMAL
        i += 1
        first = i
        c = load8(data, i)
        while 48 <= c <= 57:
            mantissa = mantissa * 10 + (np.int64(c) - 48)
            i += 1
            c = load8(data, i)
        exponent = np.int64(first - i)
        digits += i - first
        if exponent == 0:
            return -1, 0, 0.0
    if c == 101 or c == 69:
        tag = DECIMAL
        i += 1
        c = load8(data, i)
        down = c == 45
        if down or c == 43:
            i += 1
        first = i
        power = np.int64(0)
        c = load8(data, i)
        while 48 <= c <= 57:
            power = power * 10 + (np.int64(c) - 48) if power < 1000 else power
            i += 1
            c = load8(data, i)
        if i == first:
            return -1, 0, 0.0
        exponent += -power if down else power
    if digits > 18 or mantissa >= _EXACT or exponent < -_LARGEST_POWER or exponent > _LARGEST_POWER:
        return i, tag, math.nan
    value = float(mantissa)
    value = value / _POWERS[-exponent] if exponent < 0 else value * _POWERS[exponent]
    return i, tag, -value if negative and (tag == DECIMAL or mantissa > 0) else value


@inlined
def scalar(data: U8, i: int, stop: int) -> tuple[int, int, float]:
    """Return the end, tag and value of the string, number or literal at ``i``; the end is -1 when it is none."""
    c = load8(data, i)
    if c == 34:
        end, plain = string_end(data, i + 1, stop)
        return (-1, 0, 0.0) if end < 0 else (end + 1, STRING if plain else OTHER, 0.0)
    if c == 45 or 48 <= c <= 57:
        return number(data, i)
    end, tag = literal(data, i)
    return end, tag, 0.0
