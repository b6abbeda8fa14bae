"""Users' records, bounded: where there is no room those go whose newest event is the oldest."""

from __future__ import annotations

from typing import Any

import numpy as np

from udfs.behaviour.frozen import Frozen
from udfs.behaviour.kernels import follow, index
from udfs.behaviour.record import SEEN, USER, Rules
from udfs.frames import Frame
from udfs.joining import chains
from udfs.types import U32, U64

_FIRST_CAPACITY = 1024
_VIEWS = (np.int64, np.float64, np.uint32, np.uint16)


class Store:
    """Records by user.

    Attributes:
        forgotten: how many users were given up because the bound was reached.
    """

    def __init__(self, rules: Rules, width: int, max_users: int) -> None:
        """Keep the rules; a record has ``width`` words."""
        self._rules, self._max = rules, max(max_users, 16)
        self._words: U64 = np.empty((0, width), np.uint64)
        self._count = self.forgotten = 0
        self._hold(self._words, min(_FIRST_CAPACITY, self._max))

    def __len__(self) -> int:
        return self._count

    def follow(self, rows: Frame, frozen: Frozen) -> None:
        """Let rows pass that are ordered by time: impressions find their values, events change records.

        Args:
            rows: ``user``, ``time``, ``type``, ``number`` (of an impression; else -1), and for each history ``given``
                (whether there is a value) and ``value``.
            frozen: where what impressions find is kept.
        """
        columns = rows.columns
        writes = self._rules.changes[columns["type"]] | columns["given"].any(axis=1)
        names = ("user", "time", "type", "number", "given", "value")
        given: tuple[Any, ...] = (*(columns[name] for name in names), writes, *self._rules[1:])
        row = read = 0
        while row < rows.n:
            memory = (self._words, *(self._words.view(type) for type in _VIEWS), self._table)
            tables: tuple[Any, ...] = (*given, *memory, self._count, *frozen.arrays)
            row, read, self._count = follow(row, read, *tables)
            if row < rows.n:
                self._make_room()

    def _make_room(self) -> None:
        if len(self._words) < self._max:
            self._hold(self._words, min(2 * len(self._words), self._max))
            return
        # At the bound a quarter goes at once, so that the cost of making room stays constant per user.
        surplus = self._count - self._max * 3 // 4
        kept = np.ones(self._count, np.bool_)
        kept[np.lexsort((self._words[:, USER], self._words[:, SEEN]))[:surplus]] = False
        self.forgotten += surplus
        self._hold(self._words[kept], self._max)

    def _hold(self, records: U64, capacity: int) -> None:
        """Take records into memory for so many."""
        self._count = len(records)
        self._words = np.empty((capacity, records.shape[1]), np.uint64)
        self._words[: self._count] = records
        self._table: U32 = chains.new(capacity)
        index(self._words, self._count, self._table)

    def dump(self) -> U64:
        """Return the records."""
        return self._words[: self._count]

    def load(self, records: U64, forgotten: int) -> None:
        """Take what ``dump`` returned; records that were kept under a higher bound stay until there is no room."""
        self.forgotten = forgotten
        self._hold(records, max(min(_FIRST_CAPACITY, self._max), len(records)))
