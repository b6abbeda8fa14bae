"""What all detectors share: counters, and a state that is a dict of named arrays of fixed shapes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Final

from udfs.drift.state import restore
from udfs.types import I64, Arrays

SKIPPED: Final = 0
CHANGES: Final = 1
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
    def skipped(self) -> int:
        """How many values were not finite and not counted."""
        return int(self._counters[SKIPPED])

    @abstractmethod
    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next update."""

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of this detector.
        """
        restore(self.dump(), arrays, self.name)
