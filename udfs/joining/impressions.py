"""What is remembered of each impression while feedback may come: its keys, its time, and what came."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.joining import chains
from udfs.joining.attribution import NEVER, Attributed, answering, attribute
from udfs.joining.rules import Rules
from udfs.types import I32, I64, U8, U32, U64, Arrays, Bool

_FIRST_CAPACITY = 1024


class _Log(NamedTuple):
    """The columns of the log: keys (keys, places), the others by place; ``left`` and ``late`` only where they count."""

    keys: U64
    times: I64
    order: U64
    got: U8
    first: I64
    left: U8
    late: U8

    @classmethod
    def of(cls, keys: int, labels: int, out_of_turn: bool, places: int) -> _Log:
        """Return an empty log."""
        marks = (places, labels if out_of_turn else 0)
        return cls(
            np.empty((keys, places), np.uint64),
            np.empty(places, np.int64),
            np.empty(places, np.uint64),
            np.empty((places, labels), np.uint8),
            np.empty((places, labels), np.int64),
            np.empty(marks, np.uint8),
            np.empty(marks, np.uint8),
        )

    def moved(self, start: int, stop: int, room: int) -> _Log:
        """Return a log with room for so many places that begins with these."""
        log = _Log.of(len(self.keys), self.got.shape[1], self.left.shape[1] > 0, room)
        count = stop - start
        log.keys[:, :count] = self.keys[:, start:stop]
        for name in self._fields[1:]:
            getattr(log, name)[:count] = getattr(self, name)[start:stop]
        return log


LOG = _Log._fields
"""The names of the arrays of a dump."""


class Impressions:
    """A log in order of arrival; places are given up from its front.

    Attributes:
        dropped: how many places were given up: the number of an impression less this is its place.
        given_up: how many of them because the bound was reached.
    """

    def __init__(self, rules: Rules, horizon: int, max_waiting: int) -> None:
        """Keep the rules; an impression is forgotten ``horizon`` microseconds after it was shown."""
        self._rules, self._horizon = rules, horizon
        self._max = max(max_waiting, 16)
        self.dropped = self.given_up = self._count = self._capacity = 0
        out_of_turn = bool((rules.early | rules.late).any())
        self._log = _Log.of(int(rules.key.max()) + 1, len(rules.window), out_of_turn, 0)
        self._grow(min(_FIRST_CAPACITY, self._max))

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
        n, done, start = len(times), 0, self._count + self.dropped
        while done < n:
            # Room is made when a certain row comes, so that how rows are cut into frames changes nothing.
            if self._count == self._capacity:
                self._make_room(low)
            piece = slice(done, min(n, done + self._capacity - self._count))
            self._append(keys[:, piece], times[piece], order[piece])
            done = piece.stop
        return np.arange(start, start + n)

    def _append(self, keys: U64, times: I64, order: U64) -> None:
        log, at = self._log, slice(self._count, self._count + len(times))
        log.keys[:, at], log.times[at], log.order[at] = keys, times, order
        log.got[at], log.first[at], log.left[at], log.late[at] = 0, NEVER, 0, 0
        self._enter(at.start, at.stop)
        self._count = at.stop

    def _enter(self, start: int, stop: int) -> None:
        for key, table, before in zip(self._log.keys, self._tables, self._before, strict=True):
            chains.enter(key, start, stop, table, before)

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
            *self._rules,
            self._tables,
            self._before,
            *self._log,
            *found,
        )
        return found._replace(number=found.number + self.dropped)

    def answering(self, values: U64, moments: I64, within: int) -> I64:
        """Return for each of ``moments`` (n,) the number of the newest with its first key not after it, or -1."""
        found: I64 = np.empty(len(values), np.int64)
        log = self._log
        answering(values, moments, within, log.keys[0], self._tables[0], self._before[0], log.times, log.order, found)
        return np.where(found < 0, found, found + self.dropped)

    def known(self, numbers: I64) -> Bool:
        """Return which impressions have not been given up."""
        known: Bool = numbers >= self.dropped
        return known

    def got(self, numbers: I64, label: int) -> U8:
        """Return what came of impressions that are known, for a label: the highest rank, or 0."""
        got: U8 = self._log.got[numbers - self.dropped, label]
        return got

    def first(self, numbers: I64, label: int) -> I64:
        """Return when the first feedback came that counts for a label, or ``NEVER``."""
        first: I64 = self._log.first[numbers - self.dropped, label]
        return first

    def leave(self, numbers: I64, label: int) -> U8:
        """Note that examples of a label leave whose windows have closed; return which had left early."""
        places = numbers - self.dropped
        left: U8 = self._log.left[places, label]
        self._log.left[places, label] = 1
        return left

    def late(self, numbers: I64, label: int) -> U8:
        """Return the rank of what came first after the window of a label, or 0."""
        late: U8 = self._log.late[numbers - self.dropped, label]
        return late

    def _make_room(self, low: int) -> None:
        young = np.flatnonzero(self._log.times[: self._count] >= low - self._horizon)
        front = int(young[0]) if len(young) else self._count
        alive = self._count - front
        if alive * 2 > self._capacity:
            if self._capacity < self._max:
                self._grow(min(2 * self._capacity, self._max))
            elif alive * 4 > self._capacity * 3:
                # At the bound a quarter goes at once, so that the cost of making room stays constant per impression.
                surplus = alive - self._capacity * 3 // 4
                self.given_up += surplus
                front += surplus
        self._drop(front)

    def _drop(self, places: int) -> None:
        self._log = self._log.moved(places, self._count, self._capacity)
        self._count -= places
        self.dropped += places
        self._index()

    def _grow(self, capacity: int) -> None:
        self._log = self._log.moved(0, self._count, capacity)
        self._capacity = capacity
        self._index()

    def _index(self) -> None:
        width = len(self._log.keys)
        self._tables: U32 = np.stack([chains.new(self._capacity)] * width)
        self._before: I32 = np.empty((width, self._capacity), np.int32)
        self._enter(0, self._count)

    def dump(self) -> tuple[list[int], Arrays]:
        """Return counters, and arrays by name."""
        log = self._log.moved(0, self._count, self._count)
        return [self.dropped, self.given_up, self._capacity], dict(log._asdict())

    def load(self, counters: list[int], arrays: Arrays) -> None:
        """Take what ``dump`` returned."""
        self.dropped, self.given_up, capacity = counters
        self._log = _Log(**arrays)
        self._count = len(self._log.times)
        self._grow(max(capacity, self._count, 1))
