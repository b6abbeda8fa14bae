"""One JSON line to spans: a strict RFC 8259 parser that accepts only what it understands wholly.

A line it does not accept (escapes in a key, a key that comes twice, anything invalid) is left to the slow path, which
finds out what is wrong. So the kernel has to be right only about what it accepts.
"""

from __future__ import annotations

import numpy as np

from udfs.decode.containers import array, container_end
from udfs.decode.scratch import DEPTH
from udfs.decode.tokens import OTHER, STRING, scalar, skip_blank, string_end
from udfs.jit import inlined
from udfs.types import F64, I32, I64, U8
from udfs.words import load8, load64


@inlined
def same(a: U8, a0: int, b: U8, b0: int, length: int) -> bool:
    """Tell whether two pieces are equal; eight bytes behind each can be read."""
    while length >= 8:
        if load64(a, a0) != load64(b, b0):
            return False
        a0 += 8
        b0 += 8
        length -= 8
    return length == 0 or (load64(a, a0) ^ load64(b, b0)) << np.uint64(64 - 8 * length) == 0


@inlined
def _find(data: U8, start: int, size: int, first: int, last: int, name: I32, keys: U8) -> int:
    for edge in range(first, last):
        if name[edge, 1] - name[edge, 0] == size and same(data, start, keys, name[edge, 0], size):
            return edge
    return -1


@inlined
def json_line(
    data: U8,
    i: int,
    stop: int,
    first: I32,
    name: I32,
    child_of: I32,
    path_of: I32,
    keys: U8,
    row: int,
    seen: I64,
    nodes: I32,
    span: I64,
    tags: U8,
    value: F64,
    element: I64,
    number: F64,
) -> bool:
    """Parse one object; False leaves the line to the slow path.

    Args:
        data: the line, at least eight zeros behind it.
        i: where it begins.
        stop: where it ends.
        first: the member of a ``Trie`` of the wanted paths.
        name: the member of a ``Trie`` of the wanted paths.
        child_of: the member ``child`` of a ``Trie`` of the wanted paths.
        path_of: the member ``path`` of a ``Trie`` of the wanted paths.
        keys: the member ``pool`` of a ``Trie`` of the wanted paths.
        row: the line's number, which no line before had.
        seen: (nodes,): in which line each node was seen last.
        nodes: (DEPTH,): scratch.
        span: out, (paths, 2): where each wanted value stands: strings without their quotes, arrays in ``element``.
        tags: out, (paths,): what each is; must come in as zeros (ABSENT).
        value: out, (paths,): each number, as ``tokens.number`` tells it.
        element: out, as ``containers.array`` fills it.
        number: out, as ``containers.array`` fills it.
    """
    depth = 0
    node = 0
    used = 0
    guess = 0
    i = skip_blank(data, i)
    if load8(data, i) != 123:
        return False
    i = skip_blank(data, i + 1)
    fresh = True
    while True:
        c = load8(data, i)
        if c == 125:
            if not fresh:
                return False
        else:
            if c != 34:
                return False
            i += 1
            # Keys come in one order, so the one after the last is tried before the end of the key is looked for.
            size = name[guess, 1] - name[guess, 0]
            if same(data, i, keys, name[guess, 0], size + 1):
                edge = guess
                i += size + 1
            else:
                end, plain = string_end(data, i, stop)
                if end < 0 or not plain:
                    return False
                edge = _find(data, i, end - i, first[node], first[node + 1], name, keys)
                i = end + 1
            if load8(data, i) != 58:
                i = skip_blank(data, i)
                if load8(data, i) != 58:
                    return False
            i = skip_blank(data, i + 1)
            c = load8(data, i)
            path = -1
            if edge >= 0:
                child = child_of[edge]
                if seen[child] == row:
                    return False
                seen[child] = row
                guess = edge + 1
                if guess >= first[node + 1]:
                    guess = first[node]
                path = path_of[child]
                if path < 0 and c == 123:
                    if depth == DEPTH:
                        return False
                    nodes[depth] = node
                    depth += 1
                    node = child
                    guess = first[node]
                    i = skip_blank(data, i + 1)
                    fresh = True
                    continue
            start = i
            if c == 91 and path >= 0:
                span[path, 0] = used
                i, used, tag = array(data, i, stop, used, element, number)
                span[path, 1] = used
                tags[path] = tag
            elif c == 123 or c == 91:
                i = container_end(data, i, stop)
                if path >= 0:
                    tags[path] = OTHER
            else:
                i, tag, found = scalar(data, i, stop)
                if path >= 0:
                    quote = 1 if tag == STRING else 0
                    span[path, 0] = start + quote
                    span[path, 1] = i - quote
                    tags[path] = tag
                    value[path] = found
            if i < 0:
                return False
            i = skip_blank(data, i)
            c = load8(data, i)
        while c == 125:
            i += 1
            if depth == 0:
                return skip_blank(data, i) == stop
            depth -= 1
            node = nodes[depth]
            guess = first[node]
            i = skip_blank(data, i)
            c = load8(data, i)
        if c != 44:
            return False
        i = skip_blank(data, i + 1)
        fresh = False
