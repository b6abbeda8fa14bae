"""The Page-Hinkley test: a cumulative sum of what values exceed their own mean by.

Page (1954), "Continuous inspection schemes", Biometrika 41; the mean as the values' own running one is Hinkley's
(1971), "Inference about the change-point from cumulative sum tests", Biometrika 58.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from udfs.drift.detector import CHANGES, RISES, SKIPPED, Detector
from udfs.errors import ConfigurationError
from udfs.jit import kernel
from udfs.types import F64, I64, Arrays, Bool

_COUNT, _MEAN, _UP, _DOWN = range(4)


class PageHinkley(Detector):
    """Detects changes of the mean of numbers, up or down, and begins anew after each.

    With the mean m(t) of the values since the last change, ``up`` is the largest sum of x - m(t) - tolerance over the
    values back from now, or 0, and ``down`` that of m(t) - x - tolerance: a change is where one exceeds the threshold.
    State: ``counters`` int64 (3,); ``sums`` float64 (4,): count, mean, up, down.

    Args:
        tolerance: how far the mean may move unnoticed, in units of the values; the best is half of the smallest change
            that matters.
        threshold: the sum from which a change is reported. Of values with deviation s one direction's false alarms are
            about ``(exp(r) - 1 - r) * s**2 / (2 * tolerance**2)`` values apart, r = 2 * tolerance * threshold / s**2
            (Siegmund 1985, "Sequential analysis", section II.6).
        grace: values before the first report, and after each.

    Raises:
        ConfigurationError: an argument is out of range.
    """

    name: ClassVar[str] = "the Page-Hinkley test"

    def __init__(self, tolerance: float = 0.005, threshold: float = 50.0, grace: int = 30) -> None:
        if not (0.0 <= tolerance < math.inf and 0.0 < threshold < math.inf and grace >= 1):
            raise ConfigurationError(
                f"Page-Hinkley cannot run with tolerance {tolerance}, threshold {threshold}, grace {grace}",
                "Give no negative tolerance, a positive threshold, a grace of at least 1",
            )
        self._rules = (tolerance, threshold, grace)
        self._counters = np.zeros(3, np.int64)
        self._sums = np.zeros(4)

    @property
    def estimate(self) -> float:
        """The mean since the last change; 0 while there is none."""
        return float(self._sums[_MEAN])

    @property
    def width(self) -> int:
        """The number of values since the last change."""
        return int(self._sums[_COUNT])

    def _take(self, values: F64, detected: I64, rose: Bool) -> int:
        return _update(values, *self._rules, self._counters, self._sums, detected, rose)

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next update."""
        return {"counters": self._counters, "sums": self._sums}


@kernel
def _update(
    values: F64, tolerance: float, threshold: float, grace: int, counters: I64, sums: F64, detected: I64, rose: Bool
) -> int:
    found = 0
    for i in range(len(values)):
        if not math.isfinite(values[i]):
            counters[SKIPPED] += 1
            continue
        sums[_COUNT] += 1.0
        sums[_MEAN] += (values[i] - sums[_MEAN]) / sums[_COUNT]
        deviation = values[i] - sums[_MEAN]
        sums[_UP] = max(0.0, sums[_UP] + deviation - tolerance)
        sums[_DOWN] = max(0.0, sums[_DOWN] - deviation - tolerance)
        if sums[_COUNT] >= grace and max(sums[_UP], sums[_DOWN]) > threshold:
            rose[found] = sums[_UP] > threshold
            counters[CHANGES] += 1
            counters[RISES] += rose[found]
            sums[:] = 0.0
            detected[found] = i
            found += 1
    return found
