"""JSON arrays and objects for the line kernels: flat arrays into elements, all others checked whole and skipped."""

from __future__ import annotations

import numpy as np

from udfs.decode.tokens import ARRAY, OTHER, scalar, skip_blank, string_end
from udfs.jit import loop
from udfs.types import F64, I64, U8
from udfs.words import load8

_DEEPEST = 60


@loop
def array(data: U8, i: int, stop: int, used: int, element: I64, number: F64) -> tuple[int, int, int]:
    """Read the array at ``i``.

    Args:
        data: the line, zeros behind it.
        i: where its bracket stands.
        stop: where the line ends.
        used: how many elements of the line are known already.
        element: (room, 3): out, from ``used`` on: begin and end (strings without their quotes) and tag of each element.
        number: (room,): out: its value, as ``tokens.number`` tells it.

    Returns:
        its end, or -1 when it is invalid; how many elements are known then; ARRAY, or OTHER when it holds containers.
    """
    begin, first = i, used
    i = skip_blank(data, i + 1)
    if load8(data, i) == 93:
        return i + 1, used, ARRAY
    while True:
        c = load8(data, i)
        if c == 91 or c == 123:
            return container_end(data, begin, stop), first, OTHER
        end, tag, value = scalar(data, i, stop)
        if end < 0:
            return -1, first, OTHER
        quote = 1 if c == 34 else 0
        element[used, 0], element[used, 1], element[used, 2] = i + quote, end - quote, tag
        number[used] = value
        used += 1
        i = skip_blank(data, end)
        c = load8(data, i)
        if c == 93:
            return i + 1, used, ARRAY
        if c != 44:
            return -1, first, OTHER
        i = skip_blank(data, i + 1)


@loop
def container_end(data: U8, i: int, stop: int) -> int:
    """Return the end of the array or object at ``i``, checked whole, or -1; nesting beyond 60 is not accepted."""
    objects = np.uint64(0)
    depth = 0
    while True:
        opening = load8(data, i)
        depth += 1
        if depth > _DEEPEST:
            return -1
        objects = (objects << np.uint64(1)) | np.uint64(opening == 123)
        i = skip_blank(data, i + 1)
        closed = load8(data, i) == (125 if opening == 123 else 93)
        while True:
            if closed:
                i += 1
                depth -= 1
                objects >>= np.uint64(1)
                if depth == 0:
                    return i
            else:
                if objects & np.uint64(1):
                    i = _member(data, i, stop)
                    if i < 0:
                        return -1
                if load8(data, i) == 123 or load8(data, i) == 91:
                    break
                i, _, _ = scalar(data, i, stop)
                if i < 0:
                    return -1
            i = skip_blank(data, i)
            c = load8(data, i)
            if c == 44:
                i = skip_blank(data, i + 1)
                closed = False
            elif c == (125 if objects & np.uint64(1) else 93):
                closed = True
            else:
                return -1


@loop
def _member(data: U8, i: int, stop: int) -> int:
    """Return where the value of the member at ``i`` begins, or -1."""
    if load8(data, i) != 34:
        return -1
    i, _ = string_end(data, i + 1, stop)
    if i < 0:
        return -1
    i = skip_blank(data, i + 1)
    return skip_blank(data, i + 1) if load8(data, i) == 58 else -1
