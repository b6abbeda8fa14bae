"""What the tests of the detectors share: streams, and every way to feed them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import numpy as np

from udfs.drift import ADWIN, PageHinkley
from udfs.types import F64

Detector = ADWIN | PageHinkley


def coins(rng: np.random.Generator, *pieces: tuple[float, int]) -> F64:
    """Zeros and ones: of each piece its mean and length."""
    return np.concatenate([(rng.random(n) < mean).astype(np.float64) for mean, n in pieces])


def pieces(rng: np.random.Generator) -> F64:
    """Five stretches of 3,000 values of different means, zeros and ones or noise."""
    means = rng.random(5)
    if rng.random() < 0.5:
        return coins(rng, *((mean, 3000) for mean in means))
    return np.asarray(np.clip(rng.normal(np.repeat(means, 3000), 0.1), 0.0, 1.0))


def state(detector: Detector) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in detector.dump().items()}


def in_parts(make: Callable[[], Detector], values: F64, cuts: Iterable[int]) -> tuple[list[int], dict[str, bytes]]:
    """Feed values in parts, each to a detector restored from the state before; return detections and the last state."""
    found: list[int] = []
    detector = make()
    for start, stop in itertools.pairwise([0, *sorted(cuts), len(values)]):
        found += (start + detector.update(values[start:stop])).tolist()
        restored = make()
        restored.load({name: array.copy() for name, array in detector.dump().items()})
        detector = restored
    return found, state(detector)
