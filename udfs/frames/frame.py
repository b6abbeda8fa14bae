"""A frame in memory: a kind, a small header and named columns of one length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from udfs.frames.ragged import Ragged
from udfs.types import I64, Column


class Kind(IntEnum):
    """What a frame carries; everything that reaches a stage is one of these."""

    EVENTS = 1
    EXAMPLES = 2
    WEIGHTS = 3
    TICK = 4
    END = 5
    REJECTS = 6
    COMMAND = 7
    POSITIONS = 8
    PROGRESS = 9
    SKIPPED = 10


@dataclass(slots=True)
class Frame:
    """Named columns of one length ``n``.

    Attributes:
        kind: what the frame carries.
        n: the number of rows.
        meta: a small header of plain values (strings, numbers, lists, dicts).
        columns: fixed-width columns, shape (n,) or (n, k).
        ragged: variable-width columns: byte strings or lists of numbers, one a row.
    """

    kind: Kind
    n: int = 0
    meta: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    ragged: dict[str, Ragged] = field(default_factory=dict)

    def slice(self, start: int, stop: int) -> Frame:
        """Return rows ``start`` to ``stop``; the header is shared, the columns are views where they can be."""
        return Frame(
            self.kind,
            stop - start,
            self.meta,
            {name: column[start:stop] for name, column in self.columns.items()},
            {name: column.slice(start, stop) for name, column in self.ragged.items()},
        )

    def take(self, rows: I64, columns: Iterable[str]) -> Frame:
        """Return copies of these rows and columns, with all ragged columns and an empty header."""
        return Frame(
            self.kind,
            len(rows),
            {},
            {name: self.columns[name][rows] for name in columns},
            {name: column.take(rows) for name, column in self.ragged.items()},
        )

    def pick(self, rows: I64) -> Frame:
        """Return copies of these rows, in this order; the header is shared."""
        return Frame(
            self.kind,
            len(rows),
            self.meta,
            {name: column.take(rows, axis=0) for name, column in self.columns.items()},
            {name: column.take(rows) for name, column in self.ragged.items()},
        )

    def rows(self) -> Iterator[Frame]:
        """Yield every row as a frame of its own."""
        for i in range(self.n):
            yield self.slice(i, i + 1)
