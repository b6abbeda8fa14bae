"""The columns of what is remembered of impressions, in a ring."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from udfs.types import I64, U8, U64, Column

NEVER: Final = np.iinfo(np.int64).max


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

    def copied(self, place: int, count: int, to: int, places: int) -> Log:
        """Return a log of so many places which has, from place ``to`` on, ``count`` rows of this one from ``place`` on.

        In both the first place comes after the last.
        """
        log = Log.of(len(self.keys), self.got.shape[1], self.first.shape[1], self.left.shape[1] > 0, places)
        while count:
            # A piece at a time, since to gather and scatter rows one by one takes five times as long.
            n = min(count, len(self.times) - place, places - to)
            for source, target in zip(self._by_place(), log._by_place(), strict=True):
                target[to : to + n] = source[place : place + n]
            place, to, count = (place + n) % len(self.times), (to + n) % places, count - n
        return log

    def _by_place(self) -> tuple[Column, ...]:
        return self.keys.T, *self[1:]
