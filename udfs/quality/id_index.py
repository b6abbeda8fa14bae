"""A hash index over a log of 128-bit ids: open addressing with linear probing, 4 bytes an entry.

An entry is the place in the log plus one, in as many bits as the largest place needs, and above it as many bits of the
id's second word as remain: a probe looks into the log only when those agree. At most three quarters of the entries are
in use, and a table doubles, so an id takes 5 to 11 bytes.
"""

from __future__ import annotations

import numpy as np

from udfs.jit import kernel
from udfs.prefetch import prefetch
from udfs.types import U32, U64

_AHEAD = 16
"""Rows between a prefetch and its use."""


def new(count: int) -> U32:
    """Return an empty table with room for twice as many ids."""
    return np.zeros(max(count, 512) * 8 // 3, np.uint32)


def limit(table: U32) -> int:
    """Return how many ids a table takes."""
    return len(table) * 3 // 4


@kernel
def home(ids: U64, row: int, table: U32) -> np.uint64:
    """Return where the search for an id begins: the first word's low half, scaled to the table."""
    return np.uint64(((ids[row, 0] & np.uint64(0xFFFFFFFF)) * np.uint64(len(table))) >> np.uint64(32))


@kernel
def tag(ids: U64, row: int, bits: int) -> np.uint32:
    """Return the second word's bits that an entry holds above its ``bits`` of place."""
    return np.uint32(np.uint32(ids[row, 1] >> np.uint64(32)) << np.uint32(bits))


@kernel
def fetch(ids: U64, row: int, table: U32) -> None:
    """Prefetch the entries where the search for an id some rows ahead begins."""
    if row + _AHEAD < len(ids):
        prefetch(table, home(ids, row + _AHEAD, table))


@kernel
def find(ids: U64, row: int, log: U64, table: U32, bits: int) -> tuple[np.int64, np.uint64]:
    """Return the place of an id in the log, or -1; and the entry where the search ended."""
    low = np.uint32((1 << bits) - 1)
    slot, mark = home(ids, row, table), tag(ids, row, bits)
    while table[slot] != 0:
        if table[slot] & ~low == mark:
            place = np.int64(table[slot] & low) - 1
            if log[place, 0] == ids[row, 0] and log[place, 1] == ids[row, 1]:
                return place, slot
        slot += np.uint64(1)
        if slot == len(table):
            slot = np.uint64(0)
    return np.int64(-1), slot


@kernel
def fill(log: U64, count: int, table: U32, bits: int) -> None:
    """Enter the first ids of a log, all of them different, into an empty table."""
    for place in range(count):
        fetch(log, place, table)
        slot = home(log, place, table)
        while table[slot] != 0:
            slot += np.uint64(1)
            if slot == len(table):
                slot = np.uint64(0)
        table[slot] = tag(log, place, bits) | np.uint32(place + 1)
