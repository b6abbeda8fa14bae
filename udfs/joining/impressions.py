"""What is remembered of each impression while feedback may come: its keys, its time, and what came."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.jit import kernel
from udfs.joining import chains
from udfs.joining.rules import Rules
from udfs.types import I32, I64, U8, U32, U64, Arrays, Bool

_FIRST_CAPACITY = 1024
NEVER = np.iinfo(np.int64).max


class _Log(NamedTuple):
    """The columns of the log: keys (keys, places), the others by place."""

    keys: U64
    times: I64
    order: U64
    got: U8
    first: I64

    @classmethod
    def of(cls, keys: int, labels: int, places: int) -> _Log:
        """Return an empty log."""
        return cls(
            np.empty((keys, places), np.uint64),
            np.empty(places, np.int64),
            np.empty(places, np.uint64),
            np.empty((places, labels), np.uint8),
            np.empty((places, labels), np.int64),
        )

    def moved(self, start: int, stop: int, room: int) -> _Log:
        """Return a log with room for so many places that begins with these."""
        log = _Log.of(len(self.keys), self.got.shape[1], room)
        count = stop - start
        log.keys[:, :count] = self.keys[:, start:stop]
        log.times[:count], log.order[:count] = self.times[start:stop], self.order[start:stop]
        log.got[:count], log.first[:count] = self.got[start:stop], self.first[start:stop]
        return log


ANSWERED, LATE, UNKNOWN, WAITING = range(4)
"""What became of feedback: it counts for a label; it came after all windows; no impression is known; not yet any."""


@kernel
def _find(
    value: np.uint64,
    time: int,
    early: int,
    oldest: int,
    last: bool,
    keys: U64,
    table: U32,
    before: I32,
    times: I64,
    order: U64,
) -> np.int64:
    """Return the place of the newest impression up to ``time``; or of the first after it, within ``early``; or -1."""
    found = after = np.int64(-1)
    place = chains.newest(value, keys, table)
    while place >= 0:
        shown = times[place]
        if oldest <= shown <= time:
            if found < 0 or (shown, order[place]) > (times[found], order[found]):
                found = place
        elif (
            not last
            and time < shown <= time + early
            and (after < 0 or (shown, order[place]) < (times[after], order[after]))
        ):
            after = place
        place = np.int64(before[place])
    return found if found >= 0 else after


@kernel
def _attribute(
    kinds: U8,
    values: U64,
    moments: I64,
    low: int,
    early: int,
    horizon: int,
    key: I64,
    last: Bool,
    within: I64,
    rank: U8,
    window: I64,
    begins: I64,
    tables: U32,
    before: I32,
    keys: U64,
    times: I64,
    order: U64,
    got: U8,
    first: I64,
    outcome: U8,
) -> None:
    """Attribute feedback, in the order of its time, to impressions.

    Args:
        kinds: uint8 (n,): the kind of each.
        values: uint64 (n,): its key.
        moments: int64 (n,): its time.
        low: the time up to which everything has arrived.
        early: microseconds that feedback may precede its impression by.
        horizon: microseconds after which an impression is known no more, whether or not it has left the log.
        key: of ``Rules``, as all up to ``begins``.
        last: of ``Rules``.
        within: of ``Rules``.
        rank: of ``Rules``.
        window: of ``Rules``.
        begins: of ``Rules``.
        tables: uint32 (keys, entries): the indexes of the impressions' keys.
        before: int32 (keys, places): the chains of equal ones.
        keys: uint64 (keys, places).
        times: int64 (places,): when each was shown.
        order: uint64 (places,): what orders impressions of one time.
        got: uint8 (places, labels): in and out, the highest rank that came within the window.
        first: int64 (places, labels): in and out, when the first came that counts, or ``NEVER``.
        outcome: uint8 (n,): out, what became of each.
    """
    for row in range(len(kinds)):
        kind = kinds[row]
        place = _find(
            values[row],
            moments[row],
            early,
            moments[row] - horizon,
            last[kind],
            keys[key[kind]],
            tables[key[kind]],
            before[key[kind]],
            times,
            order,
        )
        if place < 0:
            waits = not last[kind] and moments[row] + early >= low
            outcome[row] = WAITING if waits else UNKNOWN
            continue
        outcome[row] = LATE
        moment = max(moments[row], times[place])
        if moment > times[place] + within[kind]:
            continue
        for label in range(len(window)):
            if rank[label, kind] == 0:
                continue
            begin = times[place] if begins[label] < 0 else first[place, begins[label]]
            if begin <= moment and moment - begin <= window[label]:
                got[place, label] = max(got[place, label], rank[label, kind])
                first[place, label] = min(first[place, label], moment)
                outcome[row] = ANSWERED


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
        self._log = _Log.of(int(rules.key.max()) + 1, len(rules.window), 0)
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
        log.got[at], log.first[at] = 0, NEVER
        self._enter(at.start, at.stop)
        self._count = at.stop

    def _enter(self, start: int, stop: int) -> None:
        for key, table, before in zip(self._log.keys, self._tables, self._before, strict=True):
            chains.enter(key, start, stop, table, before)

    def attribute(self, kinds: U8, values: U64, moments: I64, low: int, early: int) -> U8:
        """Attribute feedback that is ordered by time; return what became of each."""
        outcome: U8 = np.empty(len(kinds), np.uint8)
        _attribute(
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
            outcome,
        )
        return outcome

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
