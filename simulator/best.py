"""How good the best possible model could be: the true probabilities, counted by day."""

from __future__ import annotations

import numpy as np

from udfs.types import F64, I64, Bool

_BINS = 2_000
_LOGITS = (-12.0, 8.0)


class Best:
    """Counts of outcomes by day and by the logit of their true probability.

    The AUC from 2,000 bins of 0.01 is right to about 1e-5: what falls into one bin counts as ties.
    """

    def __init__(self, days: int) -> None:
        self._counts = np.zeros((days, 2, _BINS), np.int64)

    def learn(self, day: I64, probability: F64, outcome: Bool) -> None:
        """Count outcomes (n,); a day after the last counts as the last."""
        days = len(self._counts)
        low, high = _LOGITS
        with np.errstate(divide="ignore"):
            logit = np.log(probability) - np.log1p(-probability)
        bins = np.clip((logit - low) * (_BINS / (high - low)), 0, _BINS - 1).astype(np.int64)
        flat = (np.minimum(day, days - 1) * 2 + outcome) * _BINS + bins
        self._counts += np.bincount(flat, minlength=self._counts.size).reshape(self._counts.shape)

    def of(self, day: int | None = None) -> dict[str, float | int | None]:
        """Return ``shown``, ``positives``, ``rate`` and ``auc`` of a day or of all; None where it has no value."""
        negative, positive = self._counts.sum(axis=0) if day is None else self._counts[day]
        positives, negatives = int(positive.sum()), int(negative.sum())
        below = np.cumsum(negative) - negative
        pairs = positives * negatives
        return {
            "shown": positives + negatives,
            "positives": positives,
            "rate": positives / (positives + negatives) if positives + negatives else None,
            "auc": float(positive @ (below + negative / 2)) / pairs if pairs else None,
        }
