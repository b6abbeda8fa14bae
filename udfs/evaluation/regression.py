"""Metrics of numbers: mean absolute error, root mean squared error, and R squared."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from udfs.evaluation import baselines
from udfs.evaluation.metric import Accumulators
from udfs.jit import kernel
from udfs.types import F64

_FARTHEST: Final = 1e100
_ABSOLUTE, _SQUARED = range(2)


class Regression:
    """Weighted metrics of predictions against numbers; examples of weight 0 count nothing."""

    names: ClassVar[tuple[str, ...]] = ("mae", "rmse", "r2")
    baselines: ClassVar[tuple[str, ...]] = ("mean", "last_label")

    def empty(self) -> Accumulators:
        """Return accumulators of nothing; labels are weighed, summed and squared as distances from the first one."""
        return {"labels": np.zeros(3), "sums": np.zeros((3, 2))}

    def observe(
        self, accumulated: Accumulators, memory: F64, scores: F64, labels: F64, weights: F64, ranks: F64
    ) -> None:
        """Add examples, in order."""
        _observe(accumulated["labels"], accumulated["sums"], memory, scores, labels, weights)

    def figures(self, accumulated: Accumulators, predictor: int) -> dict[str, float | None]:
        """Return a predictor's figures; None where they are not defined."""
        weight, total, squares = accumulated["labels"].tolist()
        absolute, squared = accumulated["sums"][predictor].tolist()
        if not weight > 0.0:
            return dict.fromkeys(self.names)
        spread = squares - total * total / weight
        return {
            "mae": absolute / weight,
            "rmse": math.sqrt(squared / weight),
            "r2": 1.0 - squared / spread if spread > 0.0 else None,
        }


@kernel
def _add(sums: F64, predictor: int, error: float, weight: float) -> None:
    error = min(abs(error), _FARTHEST) if error == error else _FARTHEST
    sums[predictor, _ABSOLUTE] += weight * error
    sums[predictor, _SQUARED] += weight * error * error


@kernel
def _observe(counted: F64, sums: F64, memory: F64, scores: F64, labels: F64, weights: F64) -> None:
    for i in range(len(scores)):
        weight, label = weights[i], min(max(labels[i], -_FARTHEST), _FARTHEST)
        if not (weight > 0.0 and weight < math.inf) or labels[i] != labels[i]:
            continue
        if memory[baselines.WEIGHT] == 0.0:
            memory[baselines.FIRST] = label
        distance = label - memory[baselines.FIRST]
        counted[0] += weight
        counted[1] += weight * distance
        counted[2] += weight * distance * distance
        _add(sums, 0, scores[i] - label, weight)
        _add(sums, 1, baselines.mean(memory) - label, weight)
        _add(sums, 2, memory[baselines.LAST] - label, weight)
        baselines.remember(memory, label, weight)
