"""What rules keep: records by key, bounded, and what was learned over all of them.

The table doubles up to its bound, and at the bound a quarter of the keys goes at once, those that were not seen for
longest, so that the cost of making room stays constant per event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from udfs.errors import StateError
from udfs.quality.anomaly import keyed_table
from udfs.quality.anomaly.keyed_table import LINE, Table
from udfs.types import F64, I64

COUNT, FORGOTTEN = range(2)
FIRST: Final = 1024
"""Entries of a new table."""

_REMEDY: Final = "Restore an older checkpoint"


class KeyedState:
    """A table that grows, forgets and is stored.

    Attributes:
        table: the records.
        counters: int64 (2,): keys in the table, and keys that were forgotten.
        learned: what was learned over all keys.
    """

    def __init__(self, dtype: np.dtype[Any], max_keys: int, learned: Sequence[F64]) -> None:
        self._dtype, self._max = dtype, max_keys
        self._largest = max(FIRST, 1 << (-(-max_keys * 4 // 3) - 1).bit_length())
        self.table: Table = keyed_table.new(FIRST, dtype)
        self.counters: I64 = np.zeros(2, np.int64)
        self.learned = tuple(learned)

    def __len__(self) -> int:
        return int(self.counters[COUNT])

    def room(self) -> int:
        """Return how many keys the table takes before room has to be made."""
        return min(keyed_table.limit(self.table), self._max)

    def make_room(self) -> None:
        """Double the table, or, at the bound, forget a quarter of the keys."""
        records, room = keyed_table.records_of(self.table), self.room()
        if len(self.table) < self._largest:
            self.table = keyed_table.new(len(self.table) * 2, self._dtype)
        else:
            surplus = len(records) - room * 3 // 4
            self.counters[FORGOTTEN] += surplus
            records = records[surplus:]
            self.table[:] = np.zeros((), self._dtype)
        self.counters[COUNT] = len(records)
        keyed_table.fill(self.table, records)

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield three parts: counters, what was learned, and the records by when they were last seen."""
        yield np.append(self.counters, len(self.table)).tobytes()
        yield b"".join(array.tobytes() for array in self.learned)
        yield keyed_table.records_of(self.table).view(np.uint8).data

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take the three parts that ``dump`` yielded.

        Raises:
            StateError: they do not fit each other.
        """
        sizes = [array.size for array in self.learned]
        if len(parts) != 3 or len(parts[0]) != 24 or len(parts[1]) != 8 * sum(sizes) or len(parts[2]) % LINE:
            raise StateError("The stored state of the anomaly rules is of another version", _REMEDY)
        counters = np.frombuffer(parts[0], np.int64)
        records, entries = np.frombuffer(parts[2], self._dtype), int(counters[2])
        if len(records) != counters[COUNT] or entries & (entries - 1) or len(records) > entries * 3 // 4:
            raise StateError("The stored records of the anomaly rules do not fit their counters", _REMEDY)
        self.counters[:] = counters[:2]
        start = 0
        for array, size in zip(self.learned, sizes, strict=True):
            array[:] = np.frombuffer(parts[1], np.float64, size, 8 * start).reshape(array.shape)
            start += size
        self.table = keyed_table.new(entries, self._dtype)
        keyed_table.fill(self.table, records)
