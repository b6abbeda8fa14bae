"""The columns of what is remembered of impressions, in a ring."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from udfs.types import I64, U8, U64, Arrays

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
