"""A bounded table of users: open addressing with linear probing; whoever was not seen for longest is forgotten first.

An entry is a cache line. At most three quarters of the entries are in use; the table doubles up to its bound, and at
the bound a quarter of the users goes at once, so that the cost of making room stays constant per event.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from udfs.jit import inlined, kernel
from udfs.prefetch import prefetch
from udfs.quality.anomaly.user_record import RECORD
from udfs.types import U64

Table = npt.NDArray[Any]

FIRST: Final = 1024
"""Entries of a new table."""

_AHEAD: Final = 16
"""Rows between a prefetch and its use."""


def new(entries: int) -> Table:
    """Return an empty table; ``entries`` is a power of two."""
    lines = np.zeros(entries * RECORD.itemsize + RECORD.itemsize, np.uint8)
    start = -lines.ctypes.data % RECORD.itemsize
    return lines[start : start + entries * RECORD.itemsize].view(RECORD)


def limit(table: Table) -> int:
    """Return how many users a table takes."""
    return len(table) * 3 // 4


@inlined
def home(user: np.uint64, table: Table) -> np.uint64:
    """Return where the search for a user begins: splitmix64's finaliser, so that any numbers spread."""
    z = user ^ (user >> np.uint64(30))
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) & np.uint64(len(table) - 1)


@inlined
def fetch(users: U64, row: int, table: Table) -> None:
    """Prefetch the entry where the search for a user some rows ahead begins."""
    if row + _AHEAD < len(users):
        prefetch(table, home(users[row + _AHEAD], table))


@inlined
def find(user: np.uint64, table: Table) -> np.uint64:
    """Return a user's entry, or the free one where it belongs."""
    slot = home(user, table)
    while table[slot].seen != 0 and table[slot].user != user:
        slot = (slot + np.uint64(1)) & np.uint64(len(table) - 1)
    return slot


@kernel
def fill(table: Table, records: Table) -> None:
    """Enter records of different users into a table that has room for them."""
    for i in range(len(records)):
        table[find(records[i].user, table)] = records[i]


def users_of(table: Table) -> Table:
    """Return the records in use, whoever was seen last at the end."""
    used: Table = table[table["seen"] != 0]
    ordered: Table = used[np.lexsort((used["user"], used["last"]))]
    return ordered
