"""Parity: a model file may be named only if it scores as the learner does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from udfs.releases import runtime
from udfs.releases.feed import RawRow
from udfs.releases.manifest import Verdict
from udfs.types import F64

TOLERANCE: Final = 1e-5
"""Two scores are equal when they differ by at most this times ``max(1, |score|)``."""


def deviation(scores: F64, expected: F64) -> F64:
    """Return how far scores (n,) lie from the expected ones, in units of the tolerance; infinite when not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        units = np.abs(scores - expected) / (TOLERANCE * np.maximum(1.0, np.abs(expected)))
    return np.where(np.isfinite(scores) & np.isfinite(expected), units, np.inf)


def parity(model: bytes, rows: Sequence[RawRow], expected: F64) -> Verdict:
    """Judge a model file by the learner's own scores (n,) on cleaned rows."""
    if not rows:
        return Verdict(result="refused", reason="no rows to compare the model with the learner on")
    try:
        scores = runtime.score(runtime.session(model), rows)
    except Exception as error:  # onnxruntime raises a class of its own for every status, none of them public
        return Verdict(result="refused", reason=f"onnxruntime cannot score the model: {str(error)[:300]}")
    units = deviation(scores, expected)
    worst = int(np.argmax(units))
    if units[worst] <= 1.0:
        return Verdict(result="passed")
    given, wanted = float(scores[worst]), float(expected[worst])
    reason = f"row {worst} of {len(rows)}: the model gives {given!r}, the learner {wanted!r}"
    return Verdict(result="refused", reason=reason)
