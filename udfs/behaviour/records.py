"""Records by key, bounded: where there is no room those go whose newest event is the oldest."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from udfs.behaviour.kernels import index
from udfs.behaviour.record import KEY, SEEN
from udfs.joining import chains
from udfs.types import F64, I64, U16, U32, U64

_FIRST_CAPACITY = 1024
Memory: TypeAlias = tuple[U64, I64, F64, U32, U16, U32]
"""The words of records, the same memory as int64, float64, uint32 and uint16, and the index."""


class Records:
    """Rows of 64-bit words that begin with a key and the time of the newest event.

    Attributes:
        forgotten: how many were given up because the bound was reached.
    """

    def __init__(self, width: int, most: int) -> None:
        """Make room; a record has ``width`` words, and of more than ``most`` some are given up."""
        self._max = max(most, 16)
        self._words: U64 = np.empty((0, width), np.uint64)
        self.count = self.forgotten = 0
        self._hold(self._words, min(_FIRST_CAPACITY, self._max))

    def __len__(self) -> int:
        return self.count

    @property
    def memory(self) -> Memory:
        """The memory that kernels read and write; ``count`` of its rows are in use."""
        return *views(self._words), self._table

    def make_room(self) -> None:
        """Make room for at least one more."""
        if len(self._words) < self._max:
            self._hold(self._words, min(2 * len(self._words), self._max))
            return
        # At the bound a quarter goes at once, so that the cost of making room stays constant per record.
        surplus = self.count - self._max * 3 // 4
        kept = np.ones(self.count, np.bool_)
        kept[np.lexsort((self._words[:, KEY], self._words[:, SEEN]))[:surplus]] = False
        self.forgotten += surplus
        self._hold(self._words[kept], self._max)

    def _hold(self, records: U64, capacity: int) -> None:
        """Take records into memory for so many."""
        self.count = len(records)
        self._words = np.empty((capacity, records.shape[1]), np.uint64)
        self._words[: self.count] = records
        self._table: U32 = chains.new(capacity)
        index(self._words, self.count, self._table)

    def dump(self) -> U64:
        """Return the records."""
        return self._words[: self.count]

    def load(self, records: U64, forgotten: int) -> None:
        """Take what ``dump`` returned; records that were kept under a higher bound stay until there is no room."""
        self.forgotten = forgotten
        self._hold(records, max(min(_FIRST_CAPACITY, self._max), len(records)))


def views(words: U64) -> tuple[U64, I64, F64, U32, U16]:
    """Return the memory of records by the width of what stands in it."""
    return words, words.view(np.int64), words.view(np.float64), words.view(np.uint32), words.view(np.uint16)
