"""Duplicates within a window of event time: an insertion-ordered log of 128-bit ids and a hash index over it.

Exact up to a collision of 128 bits. The log is what is stored; the index is rebuilt from it. 24 bytes an id in the log
and in a stored base, 5 to 11 in the index. The log's memory is reserved at once and taken page by page, so that it
grows without a copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from udfs.errors import StateError
from udfs.jit import kernel
from udfs.quality import id_index
from udfs.types import I64, U32, U64, Bool

_FIRST_CAPACITY = 1024
_RESERVED = 1 << 22
"""Ids that memory is reserved for at first; a larger log is copied when it outgrows it."""


@kernel
def _filter(
    start: int,
    ids: U64,
    times: I64,
    use: Bool,
    window: int,
    max_jump: int,
    log_ids: U64,
    log_times: I64,
    table: U32,
    bits: int,
    limit: int,
    state: I64,
    keep: Bool,
) -> int:
    """Process rows from ``start``; return the first row that finds ``limit`` ids in the log, or their number."""
    count, clock = state[0], state[1]
    for row in range(start, len(ids)):
        id_index.fetch(ids, row, table)
        if not use[row]:
            continue
        time = times[row]
        found, slot = id_index.find(ids, row, log_ids, table, bits)
        if found >= 0:
            if abs(time - log_times[found]) <= window:
                keep[row] = False
            else:
                log_times[found] = time
        else:
            if count == limit:
                state[0], state[1] = count, clock
                return row
            log_ids[count, 0], log_ids[count, 1], log_times[count] = ids[row, 0], ids[row, 1], time
            count += 1
            table[slot] = id_index.tag(ids, row, bits) | np.uint32(count)
        if time > clock:
            clock = time if clock == 0 else min(time, clock + max_jump)
    state[0], state[1] = count, clock
    return len(ids)


@kernel
def _alive(times: I64, count: int, oldest: int) -> int:
    """Return how many of the first ids are not older than ``oldest``."""
    alive = 0
    for i in range(count):
        alive += times[i] >= oldest
    return alive


@kernel
def _compact(ids: U64, times: I64, count: int, oldest: int, surplus: int) -> int:
    """Move what stays to the front: not older than ``oldest``, less the first ``surplus``; return how many stay."""
    kept = 0
    for i in range(count):
        if times[i] < oldest:
            continue
        if surplus > 0:
            surplus -= 1
            continue
        ids[kept, 0], ids[kept, 1], times[kept] = ids[i, 0], ids[i, 1], times[i]
        kept += 1
    return kept


class Dedup:
    """Remembers ids within a window.

    Attributes:
        forgotten: ids given up because the bound was reached; their duplicates would pass.
        low: the time before which nothing comes any more, where it is known: ids within the window of it are kept. The
            newest event says less, when one partition is read days ahead of another.
    """

    def __init__(self, window: int, max_ids: int, max_jump: int) -> None:
        self._window, self._max, self._jump = window, max(max_ids, 16), max_jump
        self._bits = self._max.bit_length()
        self._capacity = min(_FIRST_CAPACITY, self._max)
        self._state = np.zeros(2, np.int64)
        self.forgotten = 0
        self.low: int | None = None
        self._ids: U64 = np.empty((0, 2), np.uint64)
        self._times: I64 = np.empty(0, np.int64)
        self._reserve(min(self._max, _RESERVED))
        self._table = id_index.new(0)

    def _reserve(self, room: int) -> None:
        count = len(self)
        ids, times = np.empty((room, 2), np.uint64), np.empty(room, np.int64)
        ids[:count], times[:count] = self._ids[:count], self._times[:count]
        self._ids, self._times = ids, times

    def __len__(self) -> int:
        return int(self._state[0])

    def filter(self, ids: U64, times: I64, use: Bool) -> Bool:
        """Return which rows are no duplicates; rows not in ``use`` neither count nor are remembered.

        Args:
            ids: uint64 (n, 2).
            times: int64 (n,): event time, microseconds.
            use: bool (n,).
        """
        keep = np.ones(len(ids), np.bool_)
        row = 0
        while row < len(ids):
            limit = min(self._capacity, id_index.limit(self._table))
            rules, log, index = (self._window, self._jump), (self._ids, self._times), (self._table, self._bits)
            row = _filter(row, ids, times, use, *rules, *log, *index, limit, self._state, keep)
            if row < len(ids):
                self._make_room()
        return keep

    def _make_room(self) -> None:
        if len(self) == self._capacity:
            self._forget()
        self._reindex()

    def _forget(self) -> None:
        """Drop what is older than the window; what is left decides whether the log grows, and what the bound costs."""
        newest = int(self._state[1])
        count, oldest = len(self), (newest if self.low is None else min(newest, self.low)) - self._window
        alive, surplus = _alive(self._times, count, oldest), 0
        if alive * 2 > self._capacity:
            if self._capacity < self._max:
                self._capacity = min(self._capacity * 2, self._max)
                if self._capacity > len(self._ids):
                    self._reserve(self._capacity)
            elif alive * 4 > self._capacity * 3:
                # At the bound a quarter goes at once, so that the cost of making room stays constant per event.
                surplus = alive - self._capacity * 3 // 4
                self.forgotten += surplus
        if alive < count or surplus:
            self._state[0] = _compact(self._ids, self._times, count, oldest, surplus)

    def _reindex(self) -> None:
        if len(self) >= id_index.limit(self._table):
            self._table = id_index.new(len(self))
        else:
            self._table[:] = 0
        id_index.fill(self._ids, len(self), self._table, self._bits)

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield three parts: counters, ids, times; the last two are views of live memory."""
        count = len(self)
        counters = np.array([self._capacity, self._state[1], self.forgotten, count], np.int64)
        yield counters.tobytes()
        yield self._ids[:count].reshape(-1).view(np.uint8).data
        yield self._times[:count].view(np.uint8).data

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take the three parts that ``dump`` yielded.

        Raises:
            StateError: they do not fit each other.
        """
        counters, ids, times = (
            np.frombuffer(part, dtype) for part, dtype in zip(parts, ("i8", "u8", "i8"), strict=True)
        )
        if len(counters) != 4 or len(ids) != 2 * len(times) or len(times) != counters[3]:
            raise StateError(
                "The stored ids of the dedup window do not fit their counters", "Restore an older checkpoint"
            )
        count = len(times)
        self._capacity, self._state[1], self.forgotten = (int(counter) for counter in counters[:3])
        if self._capacity > len(self._ids):
            self._reserve(self._capacity)
        self._ids[:count], self._times[:count] = ids.reshape(-1, 2), times
        self._state[0] = count
        # A log that was stored under a higher bound keeps its capacity.
        self._bits = max(self._max, self._capacity).bit_length()
        self._table = id_index.new(count)
        id_index.fill(self._ids, count, self._table, self._bits)
