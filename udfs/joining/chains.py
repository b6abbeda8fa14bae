"""A hash index over a ring of 64-bit keys in which a key may stand several times: the newest place, and chains back.

The ring holds what is numbered from ``first`` on, each number at the place that it leaves when divided by the ring's
length. Open addressing with linear probing; an entry is a place plus one. At most half of a table is in use.
Entries go as deletions in linear probing do: Knuth, The Art of Computer Programming 3, 6.4, algorithm R.
"""

from __future__ import annotations

import numpy as np

from udfs.jit import kernel
from udfs.types import I32, U32, U64


def new(capacity: int) -> U32:
    """Return an empty table for a ring of so many places."""
    return np.zeros(2 * capacity + 1, np.uint32)


@kernel
def home(key: np.uint64, table: U32) -> np.int64:
    """Return where the search for a key begins: its halves together, scaled to the table."""
    mixed = (key ^ (key >> np.uint64(32))) & np.uint64(0xFFFFFFFF)
    return np.int64((mixed * np.uint64(len(table))) >> np.uint64(32))


@kernel
def following(entry: np.int64, table: U32) -> np.int64:
    """Return the entry where a search goes on."""
    after = np.int64(entry + 1)
    return after if after < len(table) else np.int64(0)


@kernel
def _distance(start: np.int64, end: np.int64, table: U32) -> np.int64:
    return np.int64(end - start if end >= start else end - start + len(table))


@kernel
def _entry(key: np.uint64, keys: U64, table: U32) -> np.int64:
    """Return the entry of a key, or the free one where it belongs."""
    entry = home(key, table)
    while table[entry] != 0 and keys[np.int64(table[entry]) - 1] != key:
        entry = following(entry, table)
    return entry


@kernel
def newest(key: np.uint64, keys: U64, table: U32) -> np.int64:
    """Return the newest place of a key in the ring, or -1."""
    return np.int64(table[_entry(key, keys, table)]) - 1


@kernel
def prior(place: np.int64, first: int, before: I32) -> np.int64:
    """Return the place of the same key before this one, or -1; what stood before ``first`` has left."""
    distance = np.int64(before[place])
    if distance == 0 or distance > (place - first) % len(before):
        return np.int64(-1)
    return place - distance if place >= distance else place - distance + len(before)


@kernel
def enter(first: int, count: int, keys: U64, table: U32, before: I32) -> None:
    """Enter the keys of so many numbers; ``before`` gets how far back the same key stands, 0 where it does not.

    Zero is no key: it stands for a value that is missing.
    """
    place = np.int64(first % len(keys))
    for _ in range(count):
        before[place] = 0
        if keys[place] != 0:
            entry = _entry(keys[place], keys, table)
            if table[entry] != 0:
                distance = place - (np.int64(table[entry]) - 1)
                before[place] = distance if distance > 0 else distance + len(before)
            table[entry] = place + 1
        place = place + 1 if place + 1 < len(keys) else np.int64(0)


@kernel
def leave(first: int, count: int, keys: U64, table: U32) -> None:
    """Take so many numbers out, ``first`` being the oldest: an entry goes where no newer place has its key."""
    place = np.int64(first % len(keys))
    for _ in range(count):
        if keys[place] != 0:
            entry = _entry(keys[place], keys, table)
            if np.int64(table[entry]) - 1 == place:
                _delete(entry, keys, table)
        place = place + 1 if place + 1 < len(keys) else np.int64(0)


@kernel
def _delete(free: np.int64, keys: U64, table: U32) -> None:
    entry = following(free, table)
    while table[entry] != 0:
        begin = home(keys[np.int64(table[entry]) - 1], table)
        if _distance(begin, entry, table) >= _distance(free, entry, table):
            table[free] = table[entry]
            free = entry
        entry = following(entry, table)
    table[free] = 0
