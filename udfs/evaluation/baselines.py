"""Trivial predictors that a model has to beat: the progressive prior or mean, and the last label.

They live in a ``memory`` float64 (4,): the sum of weights, the weighted sum of labels, the last label and
the first one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.jit import kernel
from udfs.types import F64

WEIGHT: Final = 0
LABELS: Final = 1
LAST: Final = 2
FIRST: Final = 3


def new() -> F64:
    """Return the memory of nothing."""
    return np.zeros(4)


@kernel
def prior(memory: F64) -> float:
    """Return the share of positives so far, smoothed by one positive and one negative: 0.5 at first."""
    return float((memory[LABELS] + 1.0) / (memory[WEIGHT] + 2.0))


@kernel
def mean(memory: F64) -> float:
    """Return the mean of the labels so far, 0 at first."""
    return float(memory[LABELS] / memory[WEIGHT]) if memory[WEIGHT] > 0.0 else 0.0


@kernel
def remember(memory: F64, label: float, weight: float) -> None:
    """Let one label enter."""
    memory[WEIGHT] += weight
    memory[LABELS] += weight * label
    memory[LAST] = label
