"""What all detectors share: counters, and a state that is a dict of named arrays of fixed shapes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Final

import numpy as np

from udfs.drift.state import restore
from udfs.types import F64, I64, Arrays, Bool

SKIPPED: Final = 0
CHANGES: Final = 1
RISES: Final = 2
"""The first counters of every detector."""


class Detector(ABC):
    """Tells at which of its numbers their mean has changed.

    Attributes:
        name: what errors call it.
    """

    name: ClassVar[str]
    _counters: I64

    @property
    def changes(self) -> int:
        """How many changes were detected."""
        return int(self._counters[CHANGES])

    @property
    def rises(self) -> int:
        """How many of them were a mean that rose."""
        return int(self._counters[RISES])

    @property
    def skipped(self) -> int:
        """How many values were not finite and not counted."""
        return int(self._counters[SKIPPED])

    @property
    @abstractmethod
    def estimate(self) -> float:
        """The mean of the values that belong together now; 0 while there is none."""

    @property
    @abstractmethod
    def width(self) -> int:
        """The number of those values."""

    def update(self, values: F64) -> I64:
        """Take values (n,) in order; return the indices of those at which a change was detected."""
        return self.detect(values)[0]

    def detect(self, values: F64) -> tuple[I64, Bool]:
        """Take values (n,) in order; return where changes were detected, and whether the mean rose there."""
        detected, rose = np.empty(len(values), np.int64), np.empty(len(values), np.bool_)
        count = self._take(values, detected, rose)
        return detected[:count].copy(), rose[:count].copy()

    @abstractmethod
    def _take(self, values: F64, detected: I64, rose: Bool) -> int:
        """Take values; write what ``detect`` returns, and return how many there are."""

    @abstractmethod
    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next update."""

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of this detector.
        """
        restore(self.dump(), arrays, self.name)
