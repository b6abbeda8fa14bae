"""How many positives of a label come late: what a learner weighs negatives by that may be early ones."""

from __future__ import annotations

import numpy as np

from udfs.frames import Frame
from udfs.joining.examples import AGAIN
from udfs.schema import Model, Plan
from udfs.types import F64, Bool


def counted(frame: Frame) -> Bool:
    """Return which examples (n,) metrics count: all but impressions that come once more."""
    turn = frame.columns.get("turn")
    every: Bool = np.ones(frame.n, np.bool_) if turn is None else turn != AGAIN
    return every


def in_turn(frame: Frame) -> Bool:
    """Return which examples (n,) left when their windows closed, in the order of their impressions."""
    turn = frame.columns.get("turn")
    every: Bool = np.ones(frame.n, np.bool_) if turn is None else turn == 0
    return every


class LateShare:
    """Late positives, and the weight of all positives, of the examples so far: their quotient is the share.

    Attributes:
        sums: float64 (2,): both.
    """

    def __init__(self, plan: Plan, model: Model) -> None:
        """Note whether the model's label weighs negatives at all."""
        policies = {label.name: label.late for label in plan.join.labels} if plan.join else {}
        self._counts = policies.get(model.label.joined) == "fake_negative_weighted"
        self.sums: F64 = np.zeros(2)

    def noted(self, frame: Frame) -> Frame:
        """Return examples with the column ``late``, the share as it was before each, where it counts.

        A field's weight below 0 becomes 0: only impressions that come once more take steps back.
        """
        frame = _without_own_steps_back(frame)
        if not self._counts:
            return frame
        label, weight = frame.columns["label"], frame.columns["weight"]
        positive = np.where(label > 0, weight, 0.0)
        late = (~counted(frame)).astype(np.float64)
        # Sums go on from row to row, so that how rows are cut into frames changes nothing.
        sums = np.cumsum(np.concatenate((self.sums[None], np.stack((late, positive), axis=1))), axis=0)
        self.sums = sums[-1].copy()
        share = sums[:-1, 0] / np.where(sums[:-1, 1] > 0, sums[:-1, 1], 1.0)
        return Frame(frame.kind, frame.n, frame.meta, {**frame.columns, "late": share}, frame.ragged)


def _without_own_steps_back(frame: Frame) -> Frame:
    weight = frame.columns["weight"]
    below = (weight < 0) & counted(frame)
    if not below.any():
        return frame
    columns = {**frame.columns, "weight": np.where(below, 0.0, weight)}
    return Frame(frame.kind, frame.n, frame.meta, columns, frame.ragged)
