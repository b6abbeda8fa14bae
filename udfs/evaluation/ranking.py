"""Metrics of scores that are good for order alone: AUC over what was shown, and against items that were not.

Krichene and Rendle (2020), "On sampled metrics for item recommendation", KDD: of the usual metrics only AUC over
sampled items is, in the mean, what it is over all items; precision, recall and NDCG at a cut order models otherwise
when items are sampled. It is over the distribution that items are drawn from: popular items are harder to outscore, so
only figures of equal draws can be compared.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from udfs.evaluation.binary import auc, ratio
from udfs.evaluation.metric import Accumulators
from udfs.jit import kernel
from udfs.types import F64

BINS: Final = 2000
_BEND: Final = 5.0
"""A score x falls into bins by x / (1 + abs(x) / 5): bins of 0.005 around 0, and room for any score."""

_WON, _PAIRS = range(2)


class Ranking:
    """Weighted metrics of scores against labels 0 and 1; examples of weight 0 count nothing.

    Beside the model stands the popularity of the items, where the model draws items that were not shown.
    """

    names: ClassVar[tuple[str, ...]] = ("auc", "auc_unshown")
    baselines: ClassVar[tuple[str, ...]] = ("popularity",)

    def empty(self) -> Accumulators:
        """Return accumulators of nothing."""
        return {"histogram": np.zeros((2, BINS, 2)), "unshown": np.zeros((2, 2))}

    def observe(
        self, accumulated: Accumulators, memory: F64, scores: F64, labels: F64, weights: F64, ranks: F64
    ) -> None:
        """Add examples, in order."""
        _observe(accumulated["histogram"], accumulated["unshown"], scores, labels, weights, ranks)

    def figures(self, accumulated: Accumulators, predictor: int) -> dict[str, float | None]:
        """Return a predictor's figures; None where they are not defined."""
        won, pairs = accumulated["unshown"][predictor].tolist()
        return {"auc": auc(accumulated["histogram"][predictor]), "auc_unshown": ratio(won, pairs)}


@kernel
def _add(histogram: F64, predictor: int, score: float, y: int, weight: float) -> None:
    bent = score / (1.0 + abs(score) / _BEND)
    place = int((bent + _BEND) * (BINS / (2.0 * _BEND)))
    histogram[predictor, min(max(place, 0), BINS - 1), y] += weight


@kernel
def _observe(histogram: F64, unshown: F64, scores: F64, labels: F64, weights: F64, ranks: F64) -> None:
    for i in range(len(scores)):
        weight = weights[i]
        if not (weight > 0.0 and weight < math.inf) or labels[i] != labels[i]:
            continue
        y = 1 if labels[i] > 0.5 else 0
        _add(histogram, 0, min(max(scores[i], -1e9), 1e9) if scores[i] == scores[i] else 0.0, y, weight)
        popularity, less_popular, outscored = ranks[i]
        if popularity == popularity:
            _add(histogram, 1, popularity, y, weight)
        if outscored == outscored:
            unshown[0, _WON] += weight * outscored
            unshown[1, _WON] += weight * less_popular
            unshown[0, _PAIRS] += weight
            unshown[1, _PAIRS] += weight
