"""What is remembered of each impression while feedback may come: its keys, its time, and what came."""

from __future__ import annotations

import numpy as np

from udfs.frames import Frame
from udfs.joining import chains
from udfs.joining.attribution import Attributed, answering, attribute
from udfs.joining.log import NEVER, Log
from udfs.joining.rules import Rules
from udfs.types import I32, I64, U8, U32, U64, Arrays, Bool

LOG = Log._fields
"""The names of the arrays of a dump."""
_FIRST_CAPACITY = 1024


class Impressions:
    """A log in order of arrival; places are given up from its front.

    A log grows by a quarter: what an impression costs in memory is at most a quarter more than what it takes.

    Attributes:
        dropped: how many were forgotten or given up: the number of the oldest that is known.
        given_up: how many of them because the bound was reached.
    """

    def __init__(self, rules: Rules, horizon: int, max_waiting: int) -> None:
        """Keep the rules; an impression is forgotten ``horizon`` microseconds after it was shown."""
        self._rules, self._horizon = rules, horizon
        self._max = max(max_waiting, 16)
        self.dropped = self.given_up = self._count = 0
        out_of_turn = bool((rules.early | rules.late).any())
        begun = int(rules.begun.max(initial=-1)) + 1
        self._log = Log.of(int(rules.key.max()) + 1, len(rules.window), begun, out_of_turn, 0)
        self._resize(0, min(_FIRST_CAPACITY, self._max))

    def __len__(self) -> int:
        return self._count

    def append(self, keys: U64, times: I64, order: U64, low: int) -> I64:
        """Add impressions; return their numbers.

        Args:
            keys: uint64 (keys, n).
            times: int64 (n,).
            order: uint64 (n,).
            low: the time up to which everything has arrived, by which old ones are forgotten to make room.
        """
        start, row = self.dropped + self._count, 0
        while row < len(times):
            free = len(self._log.times) - self._count
            if len(times) - row > free:
                free += self._make_room(min(len(times) - row - free, self._count), low - self._horizon)
            if not free:
                self._grow()
                continue
            piece = slice(row, min(len(times), row + free))
            self._append(keys[:, piece], times[piece], order[piece])
            row = piece.stop
        return np.arange(start, start + len(times))

    def _make_room(self, wanted: int, oldest: int) -> int:
        """Let go of as many as wanted, from the oldest on: those from before ``oldest``, any at the bound."""
        young = self._log.times[self._places(np.arange(self.dropped, self.dropped + wanted))] >= oldest
        bounded = len(self._log.times) >= self._max
        gone = wanted if bounded or not young.any() else int(np.argmax(young))
        self.given_up += int(young[:gone].sum())
        for keys, table in zip(self._log.keys, self._tables, strict=True):
            chains.leave(self.dropped, gone, keys, table)
        self.dropped += gone
        self._count -= gone
        return gone

    def _append(self, keys: U64, times: I64, order: U64) -> None:
        log, first, n = self._log, self.dropped + self._count, len(times)
        places = self._places(np.arange(first, first + n))
        log.keys[:, places], log.times[places], log.order[places] = keys, times, order
        log.got[places], log.first[places], log.left[places], log.late[places] = 0, NEVER, 0, 0
        self._enter(first, n)
        self._count += n

    def _enter(self, first: int, count: int) -> None:
        for keys, table, before in zip(self._log.keys, self._tables, self._before, strict=True):
            chains.enter(first, count, keys, table, before)

    def attribute(self, kinds: U8, values: U64, moments: I64, low: int, early: int) -> Attributed:
        """Attribute feedback that is ordered by time; return what became of each."""
        n = len(kinds)
        found = Attributed(
            np.empty(n, np.uint8), np.zeros(n, np.int64), np.zeros((n, self._log.left.shape[1]), np.uint8)
        )
        attribute(
            kinds,
            values,
            moments,
            low,
            early,
            self._horizon,
            self.dropped,
            *self._rules,
            self._tables,
            self._before,
            *self._log,
            *found,
        )
        return found

    def answering(self, values: U64, moments: I64, within: int) -> I64:
        """Return for each of ``moments`` (n,) the number of the newest with its first key not after it, or -1."""
        found: I64 = np.empty(len(values), np.int64)
        log = self._log
        index = (log.keys[0], self._tables[0], self._before[0])
        answering(values, moments, within, self.dropped, *index, log.times, log.order, found)
        return found

    def known(self, numbers: I64) -> Bool:
        """Return which impressions have not been given up."""
        known: Bool = numbers >= self.dropped
        return known

    def whole(self, rows: Frame) -> Frame:
        """Return rows of impressions that are known, less what ``halved`` took away, with that again."""
        places = self._places(rows.columns["impression"])
        ids = np.stack((self._log.order[places], rows.columns["id"]), axis=1)
        return Frame(
            rows.kind, rows.n, rows.meta, rows.columns | {"id": ids, "time": self._log.times[places]}, rows.ragged
        )

    def got(self, numbers: I64, label: int) -> U8:
        """Return what came of impressions that are known, for a label: the highest rank, or 0."""
        got: U8 = self._log.got[self._places(numbers), label]
        return got

    def first(self, numbers: I64, label: int) -> I64:
        """Return when the first feedback came that counts for a label which another begins with, or ``NEVER``."""
        first: I64 = self._log.first[self._places(numbers), self._rules.begun[label]]
        return first

    def leave(self, numbers: I64, label: int) -> U8:
        """Note that examples of a label leave whose windows have closed; return which had left early."""
        places = self._places(numbers)
        left: U8 = self._log.left[places, label]
        self._log.left[places, label] = 1
        return left

    def late(self, numbers: I64, label: int) -> U8:
        """Return the rank of what came first after the window of a label, or 0."""
        late: U8 = self._log.late[self._places(numbers), label]
        return late

    def _places(self, numbers: I64) -> I64:
        return numbers % len(self._log.times)

    def _grow(self) -> None:
        capacity = len(self._log.times)
        wanted = min(max(capacity * 5 // 4, capacity + _FIRST_CAPACITY), self._max)
        self._resize(self.dropped % capacity, wanted)

    def _resize(self, oldest: int, capacity: int) -> None:
        """Take what is known, of which the oldest stands at a place, into a log of so many places."""
        self._log = self._log.copied(oldest, self._count, self.dropped % capacity, capacity)
        width = len(self._log.keys)
        self._tables: U32 = np.stack([chains.new(capacity)] * width)
        self._before: I32 = np.empty((width, capacity), np.int32)
        self._enter(self.dropped, self._count)

    def dump(self) -> tuple[list[int], Arrays]:
        """Return counters, and arrays by name."""
        capacity = len(self._log.times)
        held = self._log.copied(self.dropped % capacity, self._count, 0, self._count)
        return [self.dropped, self.given_up, capacity], dict(held._asdict())

    def load(self, counters: list[int], arrays: Arrays) -> None:
        """Take what ``dump`` returned."""
        self._log = Log(**arrays)
        self.dropped, self.given_up, capacity = counters
        self._count = len(self._log.times)
        self._resize(0, max(capacity, self._count, 1))


def halved(rows: Frame) -> Frame:
    """Return rows of impressions as they wait: without what the log knows, their time and one half of the id."""
    columns = {name: column for name, column in rows.columns.items() if name != "time"}
    return Frame(rows.kind, rows.n, rows.meta, columns | {"id": rows.columns["id"][:, 1].copy()}, rows.ragged)
