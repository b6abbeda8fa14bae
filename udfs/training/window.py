"""The span of event time in which a model learns; outside of it examples are scored and judged only."""

from __future__ import annotations

import numpy as np

from udfs.schema import Learns
from udfs.types import F64, I64, Bool


class LearningWindow:
    """Tells by the time of an example whether it is learned.

    State: ``outside`` int64 (1,), how many examples were not.

    Args:
        rules: the span; None for all time.
    """

    def __init__(self, rules: Learns | None) -> None:
        self._rules = rules
        self.outside: I64 = np.zeros(1, np.int64)

    def holds(self, time: I64) -> Bool:
        """Return bool (n,): which event times, microseconds since 1970, are in ``[since, until)``."""
        inside: Bool = np.ones(len(time), np.bool_)
        if self._rules is not None and self._rules.since is not None:
            inside &= time >= self._rules.since
        if self._rules is not None and self._rules.until is not None:
            inside &= time < self._rules.until
        return inside

    def weights(self, weight: F64, time: I64) -> F64:
        """Return the weights (n,) to learn with, 0 for what is outside, and count that."""
        if self._rules is None:
            return weight
        inside = self.holds(time)
        outside = len(time) - np.count_nonzero(inside)
        self.outside += outside
        return np.where(inside, weight, 0.0) if outside else weight

    def report(self) -> dict[str, int]:
        """Return ``not_learned``: how many examples were outside; nothing where there is no window."""
        return {"not_learned": int(self.outside[0])} if self._rules is not None else {}
