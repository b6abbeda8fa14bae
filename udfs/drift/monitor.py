"""What is watched of a model: the error of its fresh scores, and numbers that it sees."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from udfs.drift.state import below
from udfs.drift.watch import Watch
from udfs.features import Batch, Space
from udfs.jit import kernel
from udfs.schema import Drift
from udfs.types import F64, Arrays, Bool

_SMALLEST: Final = 1e-15
"""Probabilities are held this far from 0 and 1, as in the metrics."""


def watched(rules: Drift | None) -> tuple[str, ...]:
    """Return the names of the streams: ``loss`` or ``residual``, then ``features.NAME``."""
    return (rules.of, *(f"features.{name}" for name in rules.features)) if rules else ()


class Monitor:
    """The detectors of one model. Examples of weight 0 and missing numbers are passed over, and counted as skipped."""

    def __init__(self, rules: Drift, space: Space, binary: bool) -> None:
        self._rules, self._binary = rules, binary
        self._columns = [space.columns(name)[0] for name in rules.features]
        self._watches = {name: Watch(rules) for name in watched(rules)}

    def observe(self, scores: F64, batch: Batch, first: int, judged: Bool | None = None) -> bool:
        """Take those of the examples that are ``judged`` with their fresh scores (n,), after ``first`` others.

        Returns:
            Whether the error changed for the worse: a loss rose, or a residual moved either way.
        """
        chosen = slice(None) if judged is None or judged.all() else judged
        skipped, times = ~(batch.weight[chosen] > 0.0), batch.time[chosen]
        errors = self._errors(scores[chosen], batch.label[chosen], batch.weight[chosen])
        rose = self._watches[self._rules.of].observe(errors, times, first)
        for name, column in zip(self._rules.features, self._columns, strict=True):
            values = np.where(skipped, math.nan, batch.dense[chosen, column])
            self._watches[f"features.{name}"].observe(values, times, first)
        return bool(rose.any() if self._rules.of == "loss" else rose.size)

    def _errors(self, scores: F64, labels: F64, weights: F64) -> F64:
        errors = np.empty(len(scores))
        _compare(scores, labels, weights, self._rules.of == "loss", self._binary, errors)
        return errors

    def report(self) -> dict[str, Any]:
        """Return what each stream tells, by its name."""
        return {name: watch.report() for name, watch in self._watches.items()}

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next examples."""
        return {f"{name}.{key}": array for name, watch in self._watches.items() for key, array in watch.dump().items()}

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of these detectors.
        """
        for name, watch in self._watches.items():
            watch.load(below(arrays, f"{name}."))


@kernel
def _compare(scores: F64, labels: F64, weights: F64, loss: bool, binary: bool, out: F64) -> None:
    for i in range(len(scores)):
        residual = labels[i] - scores[i]
        if not weights[i] > 0.0:
            out[i] = math.nan
        elif not loss or residual != residual:
            out[i] = residual
        elif binary:
            agreed = scores[i] if labels[i] > 0.5 else 1.0 - scores[i]
            out[i] = -math.log(min(max(agreed, _SMALLEST), 1.0))
        else:
            out[i] = abs(residual)
