"""JSON lines to spans: a strict RFC 8259 parser that accepts only what it understands wholly.

A line it does not accept (escapes in a wanted string, a key that comes twice, anything invalid) is left to the slow
path, which finds out what is wrong. So the kernel has to be right only about what it accepts.
"""

from __future__ import annotations

import numpy as np

from udfs.decode.scan import number_end, utf8_length
from udfs.jit import kernel
from udfs.types import I32, I64, U8, Bool

ABSENT, STRING, INTEGER, DECIMAL, TRUE, FALSE, NULL, OTHER = range(8)
_DEPTH = 16
_ORDINARY = np.array([32 <= c < 128 and c not in b'"\\' for c in range(256)])
"""Bytes that stand in a string for themselves: one look instead of four comparisons."""


@kernel
def _blank(data: U8, i: int, stop: int) -> int:
    while i < stop and (data[i] == 32 or data[i] == 10 or data[i] == 13 or data[i] == 9):
        i += 1
    return i


@kernel
def _string_end(data: U8, i: int, stop: int) -> tuple[int, bool]:
    """Return the index of the quote that ends a string begun before ``i`` and whether it is free of escapes; or -1."""
    plain = True
    while i < stop:
        c = data[i]
        if _ORDINARY[c]:
            i += 1
            continue
        if c == 34:
            return i, plain
        if c < 32:
            return -1, False
        if c == 92:
            plain = False
            i += 1
            if i >= stop:
                return -1, False
            e = data[i]
            if e == 117:
                for j in range(i + 1, i + 5):
                    if j >= stop:
                        return -1, False
                    x = data[j]
                    if not (48 <= x <= 57 or 65 <= x <= 70 or 97 <= x <= 102):
                        return -1, False
                i += 5
            elif e == 34 or e == 92 or e == 47 or e == 98 or e == 102 or e == 110 or e == 114 or e == 116:
                i += 1
            else:
                return -1, False
        else:
            length = utf8_length(data, i, stop)
            if length == 0:
                return -1, False
            i += length
    return -1, False


@kernel
def _literal(data: U8, i: int, stop: int) -> tuple[int, int]:
    """Return the end and tag of ``true``, ``false`` or ``null`` at ``i``; the end is -1 when it is none."""
    if stop - i >= 4 and data[i] == 116 and data[i + 1] == 114 and data[i + 2] == 117 and data[i + 3] == 101:
        return i + 4, TRUE
    if stop - i >= 4 and data[i] == 110 and data[i + 1] == 117 and data[i + 2] == 108 and data[i + 3] == 108:
        return i + 4, NULL
    if stop - i >= 5 and data[i] == 102 and data[i + 1] == 97 and data[i + 2] == 108 and data[i + 3] == 115:
        return (i + 5, FALSE) if data[i + 4] == 101 else (-1, 0)
    return -1, 0


@kernel
def _skip_container(data: U8, i: int, stop: int) -> int:
    """Return the end of the array or object at ``i``, checked whole, or -1; nesting beyond 60 is not accepted."""
    objects = np.uint64(0)
    depth = 0
    while True:
        opening = data[i]
        depth += 1
        if depth > 60:
            return -1
        objects = (objects << np.uint64(1)) | np.uint64(opening == 123)
        i = _blank(data, i + 1, stop)
        if i >= stop:
            return -1
        closed = data[i] == 125 if opening == 123 else data[i] == 93
        while True:
            if closed:
                i += 1
                depth -= 1
                objects >>= np.uint64(1)
                if depth == 0:
                    return i
            else:
                if objects & np.uint64(1):
                    if data[i] != 34:
                        return -1
                    i, _ = _string_end(data, i + 1, stop)
                    if i < 0:
                        return -1
                    i = _blank(data, i + 1, stop)
                    if i >= stop or data[i] != 58:
                        return -1
                    i = _blank(data, i + 1, stop)
                    if i >= stop:
                        return -1
                if data[i] == 123 or data[i] == 91:
                    break
                i, _ = _scalar_end(data, i, stop)
                if i < 0:
                    return -1
            i = _blank(data, i, stop)
            if i >= stop:
                return -1
            if data[i] == 44:
                i = _blank(data, i + 1, stop)
                if i >= stop or data[i] == 93 or data[i] == 125:
                    return -1
                closed = False
            elif (data[i] == 125 and objects & np.uint64(1)) or (data[i] == 93 and not objects & np.uint64(1)):
                closed = True
            else:
                return -1


@kernel
def _scalar_end(data: U8, i: int, stop: int) -> tuple[int, int]:
    """Return the end and tag of the string, number or literal at ``i``; OTHER is a string with escapes; or -1."""
    c = data[i]
    if c == 34:
        end, plain = _string_end(data, i + 1, stop)
        return (-1, 0) if end < 0 else (end + 1, STRING if plain else OTHER)
    if c == 45 or 48 <= c <= 57:
        end, integer = number_end(data, i, stop)
        return end, INTEGER if integer else DECIMAL
    return _literal(data, i, stop)


@kernel
def _same(a: U8, a0: int, b: U8, b0: int, length: int) -> bool:
    for j in range(length):  # noqa: SIM110 (numba compiles no generators)
        if a[a0 + j] != b[b0 + j]:
            return False
    return True


@kernel
def _find(data: U8, start: int, stop: int, guess: int, first: int, last: int, name: I32, pool: U8) -> int:
    """Return the edge from ``first`` to ``last`` with this key, or -1; ``guess`` first: keys come in one order."""
    edge = guess
    for _ in range(last - first):
        if name[edge, 1] - name[edge, 0] == stop - start and _same(data, start, pool, name[edge, 0], stop - start):
            return edge
        edge += 1
        if edge == last:
            edge = first
    return -1


@kernel
def _line(
    data: U8,
    i: int,
    stop: int,
    first: I32,
    name: I32,
    child_of: I32,
    path_of: I32,
    pool: U8,
    spans: I32,
    tags: U8,
    row: int,
    seen: Bool,
    nodes: I32,
) -> bool:
    """Parse one object into the spans and tags of the wanted paths; False leaves the line to the slow path."""
    depth = 0
    node = 0
    guess = first[0]
    i = _blank(data, i, stop)
    if i >= stop or data[i] != 123:
        return False
    i = _blank(data, i + 1, stop)
    fresh = True
    while True:
        if i >= stop:
            return False
        if data[i] == 125:
            if not fresh:
                return False
        else:
            if data[i] != 34:
                return False
            start = i + 1
            i, plain = _string_end(data, start, stop)
            if i < 0 or not plain:
                return False
            edge = _find(data, start, i, guess, first[node], first[node + 1], name, pool)
            i = _blank(data, i + 1, stop)
            if i >= stop or data[i] != 58:
                return False
            i = _blank(data, i + 1, stop)
            if i >= stop:
                return False
            tag = OTHER
            start = i
            if edge >= 0:
                child = child_of[edge]
                if seen[child]:
                    return False
                seen[child] = True
                guess = edge + 1
                if guess >= first[node + 1]:
                    guess = first[node]
                if path_of[child] < 0 and data[i] == 123:
                    if depth == _DEPTH:
                        return False
                    nodes[depth] = node
                    depth += 1
                    node = child
                    guess = first[node]
                    i = _blank(data, i + 1, stop)
                    fresh = True
                    continue
            if data[i] == 123 or data[i] == 91:
                i = _skip_container(data, i, stop)
            else:
                i, tag = _scalar_end(data, i, stop)
            if i < 0:
                return False
            if edge >= 0:
                path = path_of[child_of[edge]]
                if path >= 0:
                    quote = 1 if tag == STRING else 0
                    spans[row, path, 0] = start + quote
                    spans[row, path, 1] = i - quote
                    tags[row, path] = tag
            i = _blank(data, i, stop)
            if i >= stop:
                return False
        while data[i] == 125:
            i += 1
            if depth == 0:
                return _blank(data, i, stop) == stop
            depth -= 1
            node = nodes[depth]
            guess = first[node]
            i = _blank(data, i, stop)
            if i >= stop:
                return False
        if data[i] != 44:
            return False
        i = _blank(data, i + 1, stop)
        fresh = False


@kernel
def parse_json(
    data: U8,
    lines: I64,
    limit: int,
    first: I32,
    name: I32,
    child: I32,
    path: I32,
    pool: U8,
    spans: I32,
    tags: U8,
    accepted: Bool,
) -> None:
    """Parse lines.

    Args:
        data: bytes of all lines.
        lines: (n, 2) where each begins and ends.
        limit: longer lines are not accepted.
        first: the member of a ``Trie`` of the wanted paths.
        name: the member of a ``Trie`` of the wanted paths.
        child: the member of a ``Trie`` of the wanted paths.
        path: the member of a ``Trie`` of the wanted paths.
        pool: the member of a ``Trie`` of the wanted paths.
        spans: out, (n, paths, 2): where each wanted value stands (strings without their quotes).
        tags: out, (n, paths): what each is; must come in as zeros (ABSENT).
        accepted: out, (n,): whether the line is valid and wholly understood.
    """
    seen = np.zeros(len(path), np.bool_)
    nodes = np.empty(_DEPTH, np.int32)
    for row in range(len(lines)):
        start, stop = lines[row, 0], lines[row, 1]
        seen[:] = False
        accepted[row] = stop - start <= limit and _line(
            data, start, stop, first, name, child, path, pool, spans, tags, row, seen, nodes
        )
