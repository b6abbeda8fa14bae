"""One stream of numbers under a detector: in units of its own first values, with a log of its newest changes."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from udfs.drift.adwin import ADWIN
from udfs.drift.detector import Detector
from udfs.drift.page_hinkley import PageHinkley
from udfs.drift.state import restore
from udfs.jit import kernel
from udfs.schema import Drift
from udfs.types import F64, I64, Arrays, Bool

LOGGED: Final = 32
"""The newest changes of a stream that are told one by one."""

_FARTHEST: Final = 8.0
"""Standard deviations beyond which values count as this far: ADWIN needs a bound."""
_OBSERVABLE: Final = 1e100
_COUNT, _MEAN, _SQUARES = range(3)
_EXAMPLES, _TIME, _ROSE = range(3)


class Watch:
    """A stream of any unit: its first ``warmup`` finite values measure it, those after them reach the detector.

    State: ``scale`` float64 (3,) count, mean and sum of squared deviations of the first values; ``log`` int64
    (LOGGED, 3) the example count, event time and direction of changes, the n-th in row n modulo LOGGED; the detector's
    arrays below ``detector.``.
    """

    def __init__(self, rules: Drift) -> None:
        self._warmup = rules.warmup
        self._detector: Detector = (
            ADWIN(rules.delta, bound=2.0 * _FARTHEST)
            if rules.detector == "adwin"
            else PageHinkley(rules.tolerance, rules.threshold)
        )
        self._scale = np.zeros(3)
        self._log = np.zeros((LOGGED, 3), np.int64)

    def observe(self, values: F64, times: I64, first: int) -> Bool:
        """Take values (n,) in order, NaN for none; return for each change (m,) whether the mean rose.

        Args:
            values: the numbers.
            times: int64 (n,): their event times, microseconds since 1970.
            first: how many examples there were before them.
        """
        scaled, place = np.empty(len(values)), np.empty(len(values), np.int64)
        kept = _measure(values, self._warmup, self._scale, scaled, place)
        before = self._detector.changes
        at, rose = self._detector.detect(scaled[:kept])
        for n, (i, up) in enumerate(zip(place[at], rose, strict=True), before):
            self._log[n % LOGGED] = first + i + 1, times[i], up
        return rose

    def report(self) -> dict[str, Any]:
        """Return plain JSON values: counts, the estimate in the stream's own unit or None, the newest changes."""
        return {
            "changes": self._detector.changes,
            "rises": self._detector.rises,
            "skipped": self._detector.skipped,
            "width": self._detector.width,
            "estimate": self._estimate(),
            "log": [
                {"examples": int(row[_EXAMPLES]), "event_time": int(row[_TIME]), "rose": bool(row[_ROSE])}
                for row in self._logged()
            ],
        }

    def _estimate(self) -> float | None:
        if not self._detector.width:
            return None
        return float(self._scale[_MEAN] + self._detector.estimate * _unit(self._scale))

    def _logged(self) -> I64:
        changes = self._detector.changes
        kept = np.arange(max(0, changes - LOGGED), changes) % LOGGED
        rows: I64 = self._log[kept]
        return rows

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next values."""
        below = {f"detector.{name}": array for name, array in self._detector.dump().items()}
        return {"scale": self._scale, "log": self._log, **below}

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of a watch with this detector.
        """
        restore(self.dump(), arrays, "a watched stream")


@kernel
def _unit(scale: F64) -> float:
    """Return the standard deviation of the first values; 1 where they were all the same."""
    return math.sqrt(scale[_SQUARES] / scale[_COUNT]) if scale[_SQUARES] > 0.0 else 1.0


@kernel
def _measure(values: F64, warmup: int, scale: F64, scaled: F64, place: I64) -> int:
    """Let the first values enter the scale; write those after them, and where they were, and return their number."""
    kept = 0
    for i in range(len(values)):
        x = values[i]
        if math.isfinite(x) and scale[_COUNT] < warmup:
            x = min(max(x, -_OBSERVABLE), _OBSERVABLE)
            scale[_COUNT] += 1.0
            deviation = x - scale[_MEAN]
            scale[_MEAN] += deviation / scale[_COUNT]
            scale[_SQUARES] += deviation * (x - scale[_MEAN])
            continue
        if math.isfinite(x):
            x = min(max((x - scale[_MEAN]) / _unit(scale), -_FARTHEST), _FARTHEST)
        scaled[kept], place[kept] = x, i
        kept += 1
    return kept
