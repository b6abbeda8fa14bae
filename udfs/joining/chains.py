"""A hash index over a log of 64-bit keys in which a key may stand several times: the newest place, and chains back.

Open addressing with linear probing; an entry is a place in the log plus one. At most half of a table is in use.
"""

from __future__ import annotations

import numpy as np

from udfs.jit import kernel
from udfs.types import I32, U32, U64


def new(count: int) -> U32:
    """Return an empty table with room for so many keys; its length is a power of two."""
    return np.zeros(max(1024, 1 << (2 * count - 1).bit_length()), np.uint32)


@kernel
def _entry(key: np.uint64, keys: U64, table: U32) -> np.int64:
    """Return the entry of a key, or the free one where it belongs."""
    mask = np.uint64(len(table) - 1)
    slot = (key ^ (key >> np.uint64(32))) & mask
    while table[slot] != 0 and keys[np.int64(table[slot]) - 1] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@kernel
def newest(key: np.uint64, keys: U64, table: U32) -> np.int64:
    """Return the newest place of a key in the log, or -1."""
    return np.int64(table[_entry(key, keys, table)]) - 1


@kernel
def enter(keys: U64, start: int, stop: int, table: U32, before: I32) -> None:
    """Enter places ``start`` to ``stop`` of a log; ``before`` gets for each the place of the same key before it, or -1.

    Zero is no key: it stands for a value that is missing.
    """
    for place in range(start, stop):
        before[place] = -1
        if keys[place] == 0:
            continue
        entry = _entry(keys[place], keys, table)
        before[place] = np.int64(table[entry]) - 1
        table[entry] = place + 1
