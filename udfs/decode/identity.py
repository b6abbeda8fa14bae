"""Who an event belongs to and which one it is: chained 128-bit hashes."""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.hashing.murmur3 import murmur3_128
from udfs.jit import inlined
from udfs.types import I64, U8, U64

SEEDS: Final = (0x6865616472616365, 0x6964656E74697479)


@inlined
def reference(line: U8, start: int, stop: int) -> np.uint64:
    """Return the hash of a value that events are joined by; never 0, which stands for a missing one."""
    a, _ = murmur3_128(line, start, stop, np.uint64(SEEDS[0]), np.uint64(SEEDS[1]))
    return max(a, np.uint64(1))


@inlined
def identify(
    line: U8,
    who: int,
    ids: I64,
    first: int,
    last: int,
    range_of: I64,
    places: U64,
    part: int,
    position: I64,
    row: int,
    where: U8,
    user: U64,
    id: U64,
) -> bool:
    """Set the hashes of a row's user and of its event; False when a field that identifies it is missing.

    Args:
        line: what ranges are in.
        who: the field of the user, or -1.
        ids: of the ``Program``.
        first: the first of ``ids`` that is the event's.
        last: the one behind its last.
        range_of: where each field stands.
        places: (partitions, 2): the hash of each partition's name.
        part: the row's partition.
        position: (n, 2): offset and index of each line.
        row: the row.
        where: (16,): scratch.
        user: (n, 2): out.
        id: (n, 2): out.
    """
    for i in range(first, last):
        if range_of[ids[i], 0] == range_of[ids[i], 1]:
            return False
    named = who >= 0 and range_of[who, 0] < range_of[who, 1]
    a, b = np.uint64(SEEDS[0]), np.uint64(SEEDS[1])
    if named:
        a, b = murmur3_128(line, range_of[who, 0], range_of[who, 1], a, b)
        user[row, 0], user[row, 1] = a, b
    for i in range(first, last):
        a, b = murmur3_128(line, range_of[ids[i], 0], range_of[ids[i], 1], a, b)
    if first == last:
        for i in range(8):
            where[i] = (position[row, 0] >> (8 * i)) & 255
            where[8 + i] = (position[row, 1] >> (8 * i)) & 255
        a, b = murmur3_128(where, 0, 16, places[part, 0], places[part, 1])
    id[row, 0], id[row, 1] = a, b
    if not named:
        user[row, 0], user[row, 1] = a, b
    return True
