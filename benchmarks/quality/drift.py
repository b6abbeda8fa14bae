"""``python -m benchmarks.quality.drift``: false alarms and delays of change detectors, the changes known.

Each line is a stream: alarms in a million values that do not change, then, over a hundred draws, how many values after
the change began it was detected (median and largest), how often it was missed, and CPU time for a value.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from udfs.drift import ADWIN, PageHinkley
from udfs.types import F64

Detector = ADWIN | PageHinkley

CLEAN, DRAWS = 1_000_000, 100


class Change(NamedTuple):
    """A mean that goes from ``before`` to ``after`` over ``ramp`` values, after 20,000 of them; 0 is at once."""

    name: str
    before: float
    after: float
    ramp: int


CHANGES = (
    Change("click rate 4 % to 8 %, at once", 0.04, 0.08, 0),
    Change("click rate 4 % to 2 %, at once", 0.04, 0.02, 0),
    Change("click rate 4 % to 0, at once", 0.04, 0.0, 0),
    Change("click rate 4 % to 8 %, over 20,000", 0.04, 0.08, 20_000),
    Change("accuracy 90 % to 80 %, at once", 0.9, 0.8, 0),
)
DETECTORS: dict[str, Callable[[], Detector]] = {
    "ADWIN": ADWIN,
    "Page-Hinkley": lambda: PageHinkley(tolerance=0.01, threshold=25.0),
}
BEFORE, AFTER = 20_000, 60_000


def stream(change: Change, rng: np.random.Generator) -> F64:
    """Draw zeros and ones (BEFORE + AFTER,) whose mean changes."""
    mean = np.full(BEFORE + AFTER, change.after)
    mean[:BEFORE] = change.before
    mean[BEFORE : BEFORE + change.ramp] = np.linspace(change.before, change.after, change.ramp)
    return (rng.random(len(mean)) < mean).astype(np.float64)


def delay(detector: Detector, values: F64) -> int | None:
    """Return how many values after the change began the first detection since then came, or None."""
    detected = detector.update(values)
    after = detected[detected >= BEFORE]
    return int(after[0]) - BEFORE if len(after) else None


def false_alarms(detector: Detector, mean: float, rng: np.random.Generator) -> int:
    """Return how many changes are detected in CLEAN values that have none."""
    return len(detector.update((rng.random(CLEAN) < mean).astype(np.float64)))


def nanoseconds(detector: Detector, rng: np.random.Generator) -> float:
    """Return CPU time for a value, the least of five runs."""
    values = rng.random(CLEAN)
    times = []
    for _ in range(5):
        start = time.process_time()
        detector.update(values)
        times.append(time.process_time() - start)
    return min(times) / CLEAN * 1e9


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(1)
    for name, make in DETECTORS.items():
        print(f"{name}: {nanoseconds(make(), rng):.0f} ns a value")
        for change in CHANGES:
            alarms = false_alarms(make(), change.before, rng)
            delays = [delay(make(), stream(change, rng)) for _ in range(DRAWS)]
            found = [each for each in delays if each is not None]
            figures = f"median {np.median(found):7.0f}  largest {max(found):7d}" if found else f"{'':31}"
            print(f"  {change.name:36} alarms {alarms:3d}  delay {figures}  missed {DRAWS - len(found)}", flush=True)


if __name__ == "__main__":
    main()
