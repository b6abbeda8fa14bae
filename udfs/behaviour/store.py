"""Users' records, and how rows that are ordered by time read and write them."""

from __future__ import annotations

from typing import Any

from udfs.behaviour.frozen import Frozen
from udfs.behaviour.kernels import follow
from udfs.behaviour.record import Rules
from udfs.behaviour.records import Records
from udfs.frames import Frame


class Store(Records):
    """Records by user."""

    def __init__(self, rules: Rules, width: int, max_users: int) -> None:
        """Keep the rules; a record has ``width`` words."""
        super().__init__(width, max_users)
        self._rules = rules

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
            tables: tuple[Any, ...] = (*given, *self.memory, self.count, *frozen.arrays)
            row, read, self.count = follow(row, read, *tables)
            if row < rows.n:
                self.make_room()
