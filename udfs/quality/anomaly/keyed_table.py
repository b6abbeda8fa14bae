"""A table of records by key: open addressing with linear probing, in cache lines.

A record has the fields ``key``, ``last`` (the time that it was seen last) and ``seen``, which is 0 in an entry that is
free; it has no padding, whose bytes nobody sets. At most three quarters of the entries are in use.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from udfs.jit import inlined, kernel
from udfs.prefetch import prefetch
from udfs.types import U64

Table: TypeAlias = npt.NDArray[Any]

Record: TypeAlias = Any
"""A row of a table, in a kernel."""

LINE: Final = 64
"""Bytes of a record and of a cache line."""

_AHEAD: Final = 16
"""Rows between a prefetch and its use."""


def new(entries: int, dtype: np.dtype[Any]) -> Table:
    """Return an empty table that begins with a cache line; ``entries`` is a power of two."""
    lines = np.zeros((entries + 1) * LINE, np.uint8)
    start = -lines.ctypes.data % LINE
    return lines[start : start + entries * LINE].view(dtype)


def limit(table: Table) -> int:
    """Return how many keys a table takes."""
    return len(table) * 3 // 4


@inlined
def home(key: np.uint64, table: Table) -> np.uint64:
    """Return where the search for a key begins: splitmix64's finaliser, so that any numbers spread."""
    return mixed(key) & np.uint64(len(table) - 1)


@inlined
def mixed(key: np.uint64) -> np.uint64:
    """Return splitmix64's finaliser of a number."""
    z = key ^ (key >> np.uint64(30))
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@inlined
def fetch(keys: U64, row: int, table: Table) -> None:
    """Prefetch the entry where the search for a key some rows ahead begins."""
    if row + _AHEAD < len(keys):
        prefetch(table, home(keys[row + _AHEAD], table))


@inlined
def find(key: np.uint64, table: Table) -> np.uint64:
    """Return a key's entry, or the free one where it belongs."""
    slot = home(key, table)
    while table[slot].seen != 0 and table[slot].key != key:
        slot = (slot + np.uint64(1)) & np.uint64(len(table) - 1)
    return slot


@kernel
def fill(table: Table, records: Table) -> None:
    """Enter records of different keys into a table that has room for them."""
    for i in range(len(records)):
        table[find(records[i].key, table)] = records[i]


def records_of(table: Table) -> Table:
    """Return the records in use, what was seen last at the end."""
    used: Table = table[table["seen"] != 0]
    ordered: Table = used[np.lexsort((used["key"], used["last"]))]
    return ordered
