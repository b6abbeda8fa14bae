"""A ring of impressions with an index for each of their keys: room is made one by one, from the oldest on."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from udfs.jit import kernel
from udfs.joining import chains
from udfs.types import I32, I64, U8, U32, U64, Arrays

NEVER: Final = np.iinfo(np.int64).max
FIRST, COUNT, GIVEN_UP = range(3)
"""The counters: the number of the oldest, how many there are, how many the bound took."""


class Log(NamedTuple):
    """What is known of impressions, by place; number ``i`` stands at place ``i % places``.

    Attributes:
        keys: uint64 (keys, places).
        times: int64 (places,): when each was shown.
        order: uint64 (places,): what orders impressions of one time.
        got: uint8 (places, labels): the highest rank that came within the window.
        first: int64 (places, begun): when the first feedback came for the labels that others begin with, or ``NEVER``.
        left: uint8 (places, labels): whether its example has left; (places, 0) where none is out of turn.
        late: uint8 (places, labels): the rank of what came first after the window; (places, 0) likewise.
    """

    keys: U64
    times: I64
    order: U64
    got: U8
    first: I64
    left: U8
    late: U8

    @classmethod
    def of(cls, keys: int, labels: int, begun: int, out_of_turn: bool, places: int) -> Log:
        """Return a log of so many places with nothing in it."""
        marks = (places, labels if out_of_turn else 0)
        return cls(
            np.empty((keys, places), np.uint64),
            np.empty(places, np.int64),
            np.empty(places, np.uint64),
            np.empty((places, labels), np.uint8),
            np.empty((places, begun), np.int64),
            np.empty(marks, np.uint8),
            np.empty(marks, np.uint8),
        )

    def pick(self, places: I64) -> Log:
        """Return copies of these places, in this order."""
        columns: Arrays = self._asdict()
        return Log(
            **{name: column[..., places] if name == "keys" else column[places] for name, column in columns.items()}
        )

    def placed(self, places: I64, capacity: int) -> Log:
        """Return a log of so many places that has the rows of this one there."""
        log = Log.of(len(self.keys), self.got.shape[1], self.first.shape[1], self.left.shape[1] > 0, capacity)
        columns: Arrays = log._asdict()
        for name, column in columns.items():
            column[(..., places) if name == "keys" else places] = getattr(self, name)
        return log


@kernel
def enter_all(counters: I64, keys: U64, tables: U32, before: I32) -> None:
    """Enter all that a log holds into empty tables."""
    for number in range(counters[FIRST], counters[FIRST] + counters[COUNT]):
        for key in range(len(keys)):
            chains.enter(np.int64(number % keys.shape[1]), keys[key], tables[key], before[key])


@kernel
def append(
    row: int,
    new_keys: U64,
    new_times: I64,
    new_order: U64,
    oldest: int,
    bounded: bool,
    counters: I64,
    keys: U64,
    times: I64,
    order: U64,
    got: U8,
    first: I64,
    left: U8,
    late: U8,
    tables: U32,
    before: I32,
) -> int:
    """Append rows from ``row`` on; return the first that finds no room, or their number.

    In a full log the oldest goes where it was shown before ``oldest``, or where the log is ``bounded``.
    """
    places = np.int64(len(times))
    while row < len(new_times):
        if counters[COUNT] == places:
            front = counters[FIRST] % places
            if times[front] >= oldest:
                if not bounded:
                    break
                counters[GIVEN_UP] += 1
            for key in range(len(keys)):
                chains.leave(front, keys[key], tables[key])
            counters[FIRST] += 1
            counters[COUNT] -= 1
        place = (counters[FIRST] + counters[COUNT]) % places
        times[place], order[place] = new_times[row], new_order[row]
        got[place], first[place], left[place], late[place] = 0, NEVER, 0, 0
        for key in range(len(keys)):
            keys[key, place] = new_keys[key, row]
            chains.enter(place, keys[key], tables[key], before[key])
        counters[COUNT] += 1
        row += 1
    return row
