"""What leaves the joiner."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from udfs.frames import Frame
from udfs.types import F64

EARLY: Final = 1
AGAIN: Final = 2
"""Column ``turn`` of examples that leave out of turn: a positive before its window closed; an impression once more."""


class Joined(NamedTuple):
    """Examples of one label.

    Attributes:
        label: its number among the labels of the ``Join``.
        rows: the impressions' rows, in the order of their time; without label and weight. Those that leave out of turn
            have the column ``turn``, and are in the order of their feedback.
        value: float64 (n,): 1 where feedback came in time, else 0.
        weight: float64 (n,); negative for a step back.
    """

    label: int
    rows: Frame
    value: F64
    weight: F64


def out_of_turn(label: int, rows: Frame, value: F64, weight: F64, turn: int) -> Joined:
    """Return examples that are marked with their turn."""
    columns = {**rows.columns, "turn": np.full(rows.n, turn, np.uint8)}
    return Joined(label, Frame(rows.kind, rows.n, rows.meta, columns, rows.ragged), value, weight)
