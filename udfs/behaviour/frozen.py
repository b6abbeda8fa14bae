"""What impressions found when they were shown, by their number, until their rows have left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from udfs.errors import StateError
from udfs.types import F64, I64, U8, U32, Arrays

_FIRST_CAPACITY = 1024


class Frozen:
    """Rows of values in the order of the impressions' numbers; those of rows that have left are given up.

    Attributes:
        first: the number of the first row.
    """

    def __init__(self, never: F64, histories: int, values: int) -> None:
        """Keep the numbers of a user of whom nothing is known (numeric features,), and how many values there may be."""
        self._never, self._histories, self._values = never, histories, values
        self.first = self._count = 0
        self._hold(self._new(0), _FIRST_CAPACITY)

    def _new(self, rows: int) -> tuple[F64, U8, U32]:
        return (
            np.empty((rows, len(self._never))),
            np.zeros((rows, self._histories), np.uint8),
            np.zeros((rows, self._values), np.uint32),
        )

    @property
    def arrays(self) -> tuple[int, F64, U8, U32]:
        """The first number, and by row numbers, how many values each history has, and those of all histories."""
        return self.first, self._numbers, self._lengths, self._found

    def append(self, numbers: I64, oldest: Callable[[int], int]) -> None:
        """Make rows for impressions, which are as of a user of whom nothing is known.

        Args:
            numbers: int64 (n,): theirs, the next ones.
            oldest: returns the least number of a row that has not left; where there is none, what it is given.
        """
        if self._count == 0:
            self.first = int(numbers[0])
        if self._count + len(numbers) > len(self._numbers):
            self._make_room(len(numbers), oldest(int(numbers[0])))
        rows = slice(self._count, self._count + len(numbers))
        self._numbers[rows], self._lengths[rows], self._found[rows] = self._never, 0, 0
        self._count = rows.stop

    def _make_room(self, more: int, oldest: int) -> None:
        kept = self._kept(oldest)
        self.first = oldest
        # A quarter more: room is made once for so many, and a row costs at most a quarter more than it takes.
        self._hold(kept, max(_FIRST_CAPACITY, (len(kept[0]) + more) * 5 // 4))

    def _kept(self, oldest: int) -> tuple[F64, U8, U32]:
        rows = slice(oldest - self.first, self._count)
        return self._numbers[rows], self._lengths[rows], self._found[rows]

    def _hold(self, kept: tuple[F64, U8, U32], capacity: int) -> None:
        self._count = len(kept[0])
        self._numbers, self._lengths, self._found = self._new(capacity)
        self._numbers[: self._count], self._lengths[: self._count], self._found[: self._count] = kept

    def of(self, numbers: I64) -> tuple[F64, U8, U32]:
        """Return the rows (n, ...) of impressions, as ``arrays`` has them.

        Raises:
            StateError: the row of an impression was given up.
        """
        rows = numbers - self.first
        if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= self._count):
            raise StateError("The behaviour of an impression that leaves was given up", "Restore an older checkpoint")
        return self._numbers[rows], self._lengths[rows], self._found[rows]

    def dump(self, oldest: Callable[[int], int]) -> tuple[int, Arrays]:
        """Return the first number, and arrays by name, of rows that have not left."""
        first = oldest(self.first + self._count)
        return first, dict(zip(("numbers", "lengths", "found"), self._kept(first), strict=True))

    def load(self, first: int, arrays: Arrays) -> None:
        """Take what ``dump`` returned."""
        kept = arrays["numbers"], arrays["lengths"], arrays["found"]
        self.first = first
        self._hold(kept, max(_FIRST_CAPACITY, 2 * len(kept[0])))
