"""Metrics of probabilities: log loss, normalised entropy, AUC, calibration, and what follows from a threshold.

Normalised entropy: He et al. (2014), "Practical lessons from predicting clicks on ads at Facebook", against the
progressive, smoothed prior on the same examples. AUC by trapezoids over a histogram of the logit.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from udfs.evaluation import baselines
from udfs.evaluation.metric import Accumulators
from udfs.jit import kernel
from udfs.types import F64

BINS: Final = 1000
REACH: Final = 10.0
"""Logits beyond it fall into the outermost bins."""

SMALLEST: Final = 1e-15
"""Probabilities are held this far from 0 and 1 in log losses."""

_LOSS, _PREDICTED, _TRUE, _FALSE = range(4)
_WEIGHT, _POSITIVE = range(2)
_CERTAIN = math.log(SMALLEST)


class Binary:
    """Weighted metrics of probabilities against labels 0 and 1; examples of weight 0 count nothing."""

    names: ClassVar[tuple[str, ...]] = (
        "log_loss",
        "normalised_entropy",
        "auc",
        "calibration",
        "accuracy",
        "f1",
        "precision",
        "recall",
    )
    baselines: ClassVar[tuple[str, ...]] = ("prior", "last_label")

    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold = threshold

    def empty(self) -> Accumulators:
        """Return accumulators of nothing."""
        return {"labels": np.zeros(2), "sums": np.zeros((3, 4)), "histogram": np.zeros((3, BINS, 2))}

    def observe(
        self, accumulated: Accumulators, memory: F64, scores: F64, labels: F64, weights: F64, ranks: F64
    ) -> None:
        """Add examples, in order."""
        sums = (accumulated["labels"], accumulated["sums"], accumulated["histogram"])
        _observe(*sums, memory, scores, labels, weights, self.threshold)

    def figures(self, accumulated: Accumulators, predictor: int) -> dict[str, float | None]:
        """Return a predictor's figures; None where they are not defined."""
        weight, positive = accumulated["labels"].tolist()
        loss, predicted, true, false = accumulated["sums"][predictor].tolist()
        prior_loss = float(accumulated["sums"][1, _LOSS])
        return {
            "log_loss": ratio(loss, weight),
            "normalised_entropy": ratio(loss, prior_loss),
            "auc": auc(accumulated["histogram"][predictor]),
            "calibration": ratio(predicted, positive),
            "accuracy": ratio(true + (weight - positive - false), weight),
            "f1": ratio(2.0 * true, true + false + positive),
            "precision": ratio(true, true + false),
            "recall": ratio(true, positive),
        }


def ratio(numerator: float, denominator: float) -> float | None:
    """Return the quotient, None where nothing was counted."""
    return float(numerator / denominator) if denominator > 0.0 else None


def auc(histogram: F64) -> float | None:
    """Return the area under the ROC curve of a histogram (bins, 2) of negatives and positives."""
    negative, positive = histogram[:, 0], histogram[:, 1]
    pairs = float(negative.sum() * positive.sum())
    below = np.cumsum(negative) - negative
    return ratio(float(np.dot(positive, below + 0.5 * negative)), pairs)


@kernel
def _add(
    sums: F64,
    histogram: F64,
    predictor: int,
    score: float,
    log_p: float,
    log_q: float,
    y: int,
    weight: float,
    threshold: float,
) -> None:
    sums[predictor, _LOSS] -= weight * (log_p if y == 1 else log_q)
    sums[predictor, _PREDICTED] += weight * score
    sums[predictor, _TRUE if y == 1 else _FALSE] += weight if score >= threshold else 0.0
    place = int((log_p - log_q + REACH) * (BINS / (2.0 * REACH)))
    histogram[predictor, min(max(place, 0), BINS - 1), y] += weight


@kernel
def _observe(
    counted: F64, sums: F64, histogram: F64, memory: F64, scores: F64, labels: F64, weights: F64, threshold: float
) -> None:
    for i in range(len(scores)):
        weight = weights[i]
        if not (weight > 0.0 and weight < math.inf) or labels[i] != labels[i]:
            continue
        y = 1 if labels[i] > 0.5 else 0
        counted[_WEIGHT] += weight
        counted[_POSITIVE] += weight * y
        score = scores[i] if scores[i] == scores[i] else 0.5
        score = min(max(score, 0.0), 1.0)
        log_p, log_q = math.log(max(score, SMALLEST)), math.log(max(1.0 - score, SMALLEST))
        _add(sums, histogram, 0, score, log_p, log_q, y, weight, threshold)
        prior = baselines.prior(memory)
        _add(sums, histogram, 1, prior, math.log(prior), math.log(1.0 - prior), y, weight, threshold)
        last = memory[baselines.LAST]
        log_p, log_q = (0.0, _CERTAIN) if last > 0.5 else (_CERTAIN, 0.0)
        _add(sums, histogram, 2, last, log_p, log_q, y, weight, threshold)
        baselines.remember(memory, float(y), weight)
