"""Duplicates within a window of event time: an insertion-ordered log of 128-bit ids and a hash index over it.

Exact up to a collision of 128 bits. The log is what is stored; the index is rebuilt from it. 40 bytes an id in memory,
24 in a stored base.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from udfs.errors import StateError
from udfs.jit import kernel
from udfs.types import I64, U64, Bool

_FIRST_CAPACITY = 1024


@kernel
def _index(ids: U64, count: int, table: U64) -> None:
    """Fill the open-addressing table: high 32 bits of the id's second word, then the place in the log plus one."""
    mask = np.uint64(len(table) - 1)
    table[:] = 0
    for i in range(count):
        slot = ids[i, 0] & mask
        while table[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = (ids[i, 1] & np.uint64(0xFFFFFFFF00000000)) | np.uint64(i + 1)


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
    table: U64,
    state: I64,
    keep: Bool,
) -> int:
    """Process rows from ``start``; return the first row that finds the log full, or their number."""
    mask = np.uint64(len(table) - 1)
    low = np.uint64(0xFFFFFFFF)
    count, clock = state[0], state[1]
    for row in range(start, len(ids)):
        if not use[row]:
            continue
        time = times[row]
        slot = ids[row, 0] & mask
        tag = ids[row, 1] & ~low
        found = np.int64(-1)
        while table[slot] != 0:
            if table[slot] & ~low == tag:
                place = np.int64(table[slot] & low) - 1
                if log_ids[place, 0] == ids[row, 0] and log_ids[place, 1] == ids[row, 1]:
                    found = place
                    break
            slot = (slot + np.uint64(1)) & mask
        if found >= 0:
            if abs(time - log_times[found]) <= window:
                keep[row] = False
            else:
                log_times[found] = time
        else:
            if count == len(log_ids):
                state[0], state[1] = count, clock
                return row
            log_ids[count, 0], log_ids[count, 1], log_times[count] = ids[row, 0], ids[row, 1], time
            count += 1
            table[slot] = tag | np.uint64(count)
        if time > clock:
            clock = time if clock == 0 else min(time, clock + max_jump)
    state[0], state[1] = count, clock
    return len(ids)


class Dedup:
    """Remembers ids within a window.

    Attributes:
        forgotten: ids given up because the bound was reached; their duplicates would pass.
    """

    def __init__(self, window: int, max_ids: int, max_jump: int) -> None:
        self._window, self._max, self._jump = window, max(max_ids, 16), max_jump
        self.forgotten = 0
        self._clear(min(_FIRST_CAPACITY, self._max))

    def _clear(self, capacity: int) -> None:
        self._ids = np.zeros((capacity, 2), np.uint64)
        self._times = np.zeros(capacity, np.int64)
        self._table = np.zeros(1 << (2 * capacity - 1).bit_length(), np.uint64)
        self._state = np.zeros(2, np.int64)

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
            row = _filter(
                row,
                ids,
                times,
                use,
                self._window,
                self._jump,
                self._ids,
                self._times,
                self._table,
                self._state,
                keep,
            )
            if row < len(ids):
                self._make_room()
        return keep

    def _make_room(self) -> None:
        count, clock = int(self._state[0]), int(self._state[1])
        alive = self._times[:count] >= clock - self._window
        capacity = len(self._ids)
        kept = int(alive.sum())
        if kept * 2 > capacity:
            if capacity < self._max:
                capacity = min(capacity * 2, self._max)
            elif kept * 4 > capacity * 3:
                # At the bound a quarter goes at once, so that the cost of making room stays constant per event.
                surplus = kept - capacity * 3 // 4
                alive[np.flatnonzero(alive)[:surplus]] = False
                self.forgotten += surplus
        self._keep(self._ids[:count][alive], self._times[:count][alive], capacity, clock)

    def _keep(self, ids: U64, times: I64, capacity: int, clock: int) -> None:
        self._clear(capacity)
        self._ids[: len(ids)], self._times[: len(ids)] = ids, times
        self._state[:] = len(ids), clock
        _index(self._ids, len(ids), self._table)

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield three parts: counters, ids, times."""
        count = len(self)
        counters = np.array([len(self._ids), self._state[1], self.forgotten, count], np.int64)
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
        self.forgotten = int(counters[2])
        self._keep(ids.reshape(-1, 2), times, int(counters[0]), int(counters[1]))
