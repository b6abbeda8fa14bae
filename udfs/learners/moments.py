"""Running moments of dense coordinates, and the standardising they are for.

Welford (1962), "Note on a method for calculating corrected sums of squares and products", float64 throughout. An
example is standardised by the moments of the examples before it, and enters them afterwards: so the score that a
learner validates itself with is the one that a released model, which holds ``mean`` and ``scale``, would have given.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.jit import kernel
from udfs.types import F64, Bool

COUNT: Final = 0
MEAN: Final = 1
SQUARES: Final = 2

LIMIT: Final = 1e6
"""Largest magnitude of a coordinate that learners and released models see; farther ones are clipped to it."""

_OBSERVABLE: Final = 1e100


def new(width: int) -> F64:
    """Return moments (width, 3) of nothing: count, mean and sum of squared deviations of each coordinate."""
    return np.zeros((width, 3))


@kernel
def inverse_deviation(count: float, squares: float) -> float:
    """Return one over the standard deviation (population), 0 while there is none: a constant contributes nothing."""
    return math.sqrt(count / squares) if squares > 0.0 else 0.0


@kernel
def coordinate(x: float, mean: float, scale: float) -> float:
    """Return ``(x - mean) * scale`` within the limit; 0 where ``x`` is missing (NaN)."""
    standardised = (x - mean) * scale
    return min(max(standardised, -LIMIT), LIMIT) if standardised == standardised else 0.0


@kernel
def standardise(moments: F64, standardised: Bool, row: F64, out: F64) -> None:
    """Write the coordinates (d,) that a learner sees for one example's raw ones."""
    for j in range(len(row)):
        if standardised[j]:
            out[j] = coordinate(row[j], moments[j, MEAN], inverse_deviation(moments[j, COUNT], moments[j, SQUARES]))
        else:
            out[j] = coordinate(row[j], 0.0, 1.0)


@kernel
def observe(moments: F64, standardised: Bool, row: F64) -> None:
    """Let one example's raw coordinates (d,) enter the moments; missing ones do not."""
    for j in range(len(row)):
        if standardised[j] and row[j] == row[j]:
            x = min(max(row[j], -_OBSERVABLE), _OBSERVABLE)
            moments[j, COUNT] += 1.0
            deviation = x - moments[j, MEAN]
            moments[j, MEAN] += deviation / moments[j, COUNT]
            moments[j, SQUARES] += deviation * (x - moments[j, MEAN])


def freeze(moments: F64, standardised: Bool) -> dict[str, F64]:
    """Return ``mean`` and ``scale`` (d,) as a release holds them: 0 and 1 for coordinates that are not standardised."""
    scale = [inverse_deviation(count, squares) for count, _, squares in moments]
    return {
        "mean": np.where(standardised, moments[:, MEAN], 0.0),
        "scale": np.where(standardised, np.array(scale, np.float64), 1.0),
    }
