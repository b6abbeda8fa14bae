"""From reasons to what becomes of events: which go on, which go to the dead letters, which weigh less."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from udfs.schema import Action
from udfs.types import F64, I64, U8, Bool


class Judged(NamedTuple):
    """What becomes of some events.

    Attributes:
        reasons: uint8 (n,): why, 0 where nothing is wrong.
        out: bool (n,): which go no further.
        quarantined: int64 (m,): the rows of those that go to the dead letters.
        cap: float64 (n,): the most that an example of each weighs; NaN is no bound.
    """

    reasons: U8
    out: Bool
    quarantined: I64
    cap: F64


class Actions:
    """The actions of a set of rules.

    Attributes:
        names: the reasons, by number.
    """

    def __init__(self, reasons: type[IntEnum], actions: Mapping[str, Action]) -> None:
        self.names = tuple(reason.name.lower() for reason in reasons)
        chosen = [actions.get(name, Action()) for name in self.names]
        self._quarantine: Bool = np.array([action.do == "quarantine" for action in chosen])
        self._out: Bool = self._quarantine | np.array([action.do == "drop" for action in chosen])
        self._cap: F64 = np.array([action.weight if action.do == "cap" else np.nan for action in chosen])

    def judge(self, reasons: U8) -> Judged:
        """Return what becomes of events with these reasons (n,)."""
        quarantined = np.flatnonzero(self._quarantine[reasons])
        return Judged(reasons, self._out[reasons], quarantined, self._cap[reasons])

    def count(self, judged: Judged, chosen: Bool) -> dict[str, int]:
        """Return how many of the chosen events (n,) there are of each reason that any of them has."""
        counts = np.bincount(judged.reasons[chosen], minlength=len(self.names)).tolist()
        return {name: n for name, n in zip(self.names[1:], counts[1:], strict=True) if n}


def capped(weight: F64, cap: F64) -> F64:
    """Return weights (n,) bounded by caps (n,), where there are any; a step back is as long as the step was.

    >>> capped(np.array([2.0, 2.0, -1.0]), np.array([np.nan, 0.5, 0.5])).tolist()
    [2.0, 0.5, -0.5]
    """
    bounded: F64 = np.copysign(np.fmin(np.abs(weight), cap), weight)
    return bounded
