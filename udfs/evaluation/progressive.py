"""Progressive validation (Blum, Kalai and Langford 1999, "Beating the hold-out"): of one model, on one clock."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.errors import StateError
from udfs.evaluation import baselines
from udfs.evaluation.binary import Binary
from udfs.evaluation.metric import Accumulators, Metrics
from udfs.evaluation.ranking import Ranking
from udfs.evaluation.regression import Regression
from udfs.learners.learner import Task
from udfs.types import F64, Arrays

POINTS: Final = 200
"""The most windows that the learning curve keeps."""

_EXAMPLES, _WINDOWS, _STRIDE, _KEPT = range(4)


def rules(task: Task, window: int, threshold: float) -> dict[str, float]:
    """Return what metrics depend on, by name: figures of different rules cannot be added up."""
    return {"window": window, "threshold": threshold} if task == "binary" else {"window": window}


class Progressive:
    """Cumulative metrics, metrics of the last complete window, and a learning curve of past windows.

    Examples enter the open window one by one, and a full window enters the whole: so everything is byte for byte the
    same however the stream is cut. The curve keeps every window until there are ``POINTS``, then every second one,
    then every fourth, and so on.

    Args:
        task: ``binary`` (scores are probabilities), ``regression`` or ``ranking``.
        window: examples in a window, those of weight 0 included.
        threshold: score from which an example counts as predicted positive.
    """

    def __init__(self, task: Task, window: int = 10_000, threshold: float = 0.5) -> None:
        self.window = window
        self._rules = np.array(list(rules(task, window, threshold).values()))
        self._metrics: Metrics = _metrics(task, threshold)
        self._columns = [""] + [f"{baseline}." for baseline in self._metrics.baselines]
        width = len(self._columns) * len(self._metrics.names)
        self._memory = baselines.new()
        self._counts = np.array([0, 0, 1, 0], np.int64)
        self._open = self._metrics.empty()
        self._whole = self._metrics.empty()
        self._last = np.full(width, np.nan)
        self._curve = np.zeros((POINTS, 1 + width))

    def update(self, scores: F64, labels: F64, weights: F64, ranks: F64 | None = None) -> None:
        """Add examples (n,), in order, each with the score made before it was learned.

        ``ranks`` float64 (n, 3) is what ``Unshown.ranks`` tells of them, where a model draws items that were not shown.
        """
        start = 0
        ranks = np.full((len(scores), 3), math.nan) if ranks is None else ranks
        while start < len(scores):
            room = self.window - int(self._counts[_EXAMPLES]) % self.window
            stop = min(start + room, len(scores))
            part = slice(start, stop)
            self._metrics.observe(self._open, self._memory, scores[part], labels[part], weights[part], ranks[part])
            self._counts[_EXAMPLES] += stop - start
            if stop - start == room:
                self._close()
            start = stop

    @property
    def examples(self) -> int:
        """How many examples there were."""
        return int(self._counts[_EXAMPLES])

    def report(self) -> dict[str, float | None]:
        """Return the figures as plain JSON values: cumulative, ``window.*`` of the last complete window, baselines."""
        now = {name: self._whole[name] + self._open[name] for name in self._whole}
        figures = dict(zip(self._names(), map(_plain, self._row(now)), strict=True))
        last = {f"window.{name}": _plain(value) for name, value in zip(self._names(), self._last, strict=True)}
        windows = int(self._counts[_WINDOWS])
        index = {"window.index": float(windows - 1) if windows else None}
        return {"examples": int(self._counts[_EXAMPLES]), **figures, **index, **last}

    def curve(self) -> list[dict[str, float | None]]:
        """Return the kept windows in order: ``examples`` at the window's end, and its figures."""
        kept = self._curve[: self._counts[_KEPT]]
        return [dict(zip(["examples", *self._names()], map(_plain, row), strict=True)) for row in kept]

    def state(self) -> Arrays:
        """Return everything as named arrays; they are live, copy what outlives the next update."""
        arrays: Arrays = {"rules": self._rules, "counts": self._counts, "memory": self._memory}
        arrays |= {"last": self._last, "curve": self._curve}
        arrays |= {f"open.{name}": array for name, array in self._open.items()}
        return arrays | {f"whole.{name}": array for name, array in self._whole.items()}

    def load(self, arrays: Arrays) -> None:
        """Take what ``state`` returned; metrics by other rules start anew.

        Raises:
            StateError: the arrays are not those of this task.
        """
        mine = self.state()
        shapes = {name: (array.shape, array.dtype) for name, array in mine.items()}
        if shapes != {name: (array.shape, array.dtype) for name, array in arrays.items()}:
            raise StateError("Stored metrics have other names, shapes or types", "Start the model's metrics anew")
        if not np.array_equal(arrays["rules"], self._rules):
            return
        for name, array in arrays.items():
            mine[name][...] = array

    def _names(self) -> list[str]:
        return [column + name for column in self._columns for name in self._metrics.names]

    def _row(self, accumulated: Accumulators) -> F64:
        figures = [self._metrics.figures(accumulated, predictor) for predictor in range(len(self._columns))]
        values = [figure[name] for figure in figures for name in self._metrics.names]
        return np.array([math.nan if value is None else value for value in values])

    def _close(self) -> None:
        self._last[:] = self._row(self._open)
        for name, array in self._open.items():
            self._whole[name] += array
            array[...] = 0
        if self._counts[_WINDOWS] % self._counts[_STRIDE] == 0:
            self._keep()
        self._counts[_WINDOWS] += 1

    def _keep(self) -> None:
        if self._counts[_KEPT] == POINTS:
            self._curve[: POINTS // 2] = self._curve[::2]
            self._curve[POINTS // 2 :] = 0.0
            self._counts[_KEPT] = POINTS // 2
            self._counts[_STRIDE] *= 2
        self._curve[self._counts[_KEPT]] = [self._counts[_EXAMPLES], *self._last]
        self._counts[_KEPT] += 1


def _metrics(task: Task, threshold: float) -> Metrics:
    if task == "binary":
        return Binary(threshold)
    return Ranking() if task == "ranking" else Regression()


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
