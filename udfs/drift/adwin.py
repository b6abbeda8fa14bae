"""ADWIN: a window that is as long as its mean has been the same.

Bifet and Gavalda (2007), "Learning from time-changing data with adaptive windowing", SDM: ADWIN2 with the bound of
section 3.3 that knows the variance, over an exponential histogram (Datar et al. 2002) of O(log n) buckets.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from udfs.drift.detector import CHANGES, RISES, SKIPPED, Detector
from udfs.errors import ConfigurationError
from udfs.jit import kernel
from udfs.types import F64, I64, Arrays, Bool

_SAME_SIZE: Final = 5
"""Buckets of one size, M in the paper; one more is merged away."""
_LEVELS: Final = 48
"""Sizes of buckets, the powers of two: 1e15 values at most."""

_SEEN = 3
_MEAN, _SQUARES = range(2)


class ADWIN(Detector):
    """Detects changes of the mean of numbers, up or down, sudden or gradual.

    State: ``counters`` int64 (4,), ``sizes`` int64 (levels,) the number of buckets of each size, ``buckets`` float64
    (levels, M + 1, 2) mean and sum of squared deviations of each, the oldest of a size first.

    Args:
        delta: bounds the probability that a check of an unchanged window drops values.
        every: values between two checks.
        bound: largest difference of two values; the paper has 1. Larger ones are taken, but the guarantee is gone.

    Raises:
        ConfigurationError: an argument is out of range.
    """

    name: ClassVar[str] = "ADWIN"

    def __init__(self, delta: float = 0.002, every: int = 32, bound: float = 1.0) -> None:
        if not (0.0 < delta < 1.0 and every >= 1 and 0.0 < bound < math.inf):
            raise ConfigurationError(
                f"ADWIN cannot run with delta {delta}, every {every}, bound {bound}",
                "Give delta between 0 and 1, every of at least 1, a positive bound",
            )
        self._rules = (delta, every, bound)
        self._counters = np.zeros(4, np.int64)
        self._sizes = np.zeros(_LEVELS, np.int64)
        self._buckets = np.zeros((_LEVELS, _SAME_SIZE + 1, 2))

    @property
    def estimate(self) -> float:
        """The mean of the window; 0 while it is empty."""
        return float(_moments(self._sizes, self._buckets)[1])

    @property
    def width(self) -> int:
        """The number of values in the window."""
        return int(_moments(self._sizes, self._buckets)[0])

    def _take(self, values: F64, detected: I64, rose: Bool) -> int:
        return _update(values, *self._rules, self._counters, self._sizes, self._buckets, detected, rose)

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next update."""
        return {"counters": self._counters, "sizes": self._sizes, "buckets": self._buckets}


@kernel
def _merged(n: float, mean: float, squares: float, m: float, other: float, others: float) -> tuple[float, float]:
    """Return mean and sum of squared deviations of two sets together (Chan, Golub and LeVeque 1983)."""
    difference = other - mean
    return mean + difference * m / (n + m), squares + others + difference * difference * n * m / (n + m)


@kernel
def _moments(sizes: I64, buckets: F64) -> tuple[float, float, float]:
    """Return count, mean and sum of squared deviations of the window."""
    count = mean = squares = 0.0
    for level in range(len(sizes)):
        for k in range(sizes[level]):
            size = 2.0**level
            mean, squares = _merged(count, mean, squares, size, buckets[level, k, _MEAN], buckets[level, k, _SQUARES])
            count += size
    return count, mean, squares


@kernel
def _shift(sizes: I64, buckets: F64, level: int, by: int) -> None:
    sizes[level] -= by
    for k in range(sizes[level]):
        buckets[level, k] = buckets[level, k + by]
    buckets[level, sizes[level] : sizes[level] + by] = 0.0


@kernel
def _insert(x: float, sizes: I64, buckets: F64) -> None:
    mean, squares, level = x, 0.0, 0
    while True:
        buckets[level, sizes[level], _MEAN], buckets[level, sizes[level], _SQUARES] = mean, squares
        sizes[level] += 1
        if sizes[level] <= _SAME_SIZE:
            return
        older, newer = buckets[level, 0], buckets[level, 1]
        size = 2.0**level
        mean, squares = _merged(size, older[_MEAN], older[_SQUARES], size, newer[_MEAN], newer[_SQUARES])
        _shift(sizes, buckets, level, 2)
        level += 1


@kernel
def _oldest(sizes: I64) -> int:
    level = len(sizes) - 1
    while level > 0 and sizes[level] == 0:
        level -= 1
    return level


@kernel
def _has_cut(delta: float, bound: float, sizes: I64, buckets: F64) -> bool:
    """Tell whether a cut splits the window into two whose means differ by more than the bound of theorem 3.2 allows."""
    count, mean, squares = _moments(sizes, buckets)
    log = math.log(2.0 * math.log(count) / delta)
    before = excess = 0.0
    for level in range(_oldest(sizes), -1, -1):
        for k in range(sizes[level]):
            size = 2.0**level
            before += size
            excess += size * (buckets[level, k, _MEAN] - mean)
            after = count - before
            if after < 1.0:
                return False
            inverse_m = 1.0 / before + 1.0 / after
            if abs(excess) * inverse_m > math.sqrt(2.0 * inverse_m * squares / count * log) + (
                2.0 / 3.0 * bound * log * inverse_m
            ):
                return True
    return False


@kernel
def _update(
    values: F64,
    delta: float,
    every: int,
    bound: float,
    counters: I64,
    sizes: I64,
    buckets: F64,
    detected: I64,
    rose: Bool,
) -> int:
    found = 0
    for i in range(len(values)):
        if not math.isfinite(values[i]):
            counters[SKIPPED] += 1
            continue
        _insert(values[i], sizes, buckets)
        counters[_SEEN] += 1
        if counters[_SEEN] % every:
            continue
        changed, before = False, 0.0
        while _has_cut(delta, bound, sizes, buckets):
            if not changed:
                before = _moments(sizes, buckets)[1]
            _shift(sizes, buckets, _oldest(sizes), 1)
            changed = True
        if changed:
            rose[found] = _moments(sizes, buckets)[1] > before
            counters[CHANGES] += 1
            counters[RISES] += rose[found]
            detected[found] = i
            found += 1
    return found
