"""An item whose clicks come from the same few users over and over, and users who are young: two bets on its clickers.

A click comes from somebody who clicked the item before with the probability that people return to it, or, by mistake
of the sketch, with that of a bit that is set; in a ring of accounts nearly every click does. Two clicks in a row of the
same user count once: one person who cannot decide is no ring.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.jit import inlined
from udfs.quality.anomaly.evidence import add
from udfs.quality.anomaly.item_record import BITS
from udfs.quality.anomaly.keyed_table import Record
from udfs.types import F64

RETURNS: Final = 0.3
"""Share of the clicks on an item that are by those who clicked it before, at the least that is assumed."""

YOUNG: Final = 0.3
"""Share of clicks by accounts that are young, at the least that is assumed."""

_MOST: Final = 0.85
_RING: Final = 0.9
"""How often a click on a ring's item comes from one of the ring."""

_WEIGHT: Final = 500.0
"""Clicks that the assumptions count for."""

_FORGET: Final = 1e6
"""Clicks after which the older ones count half."""


def assumed() -> F64:
    """Return counts (2, 2) before anything was seen: of returning and of young clickers, and of all clickers."""
    return _WEIGHT * np.array([[RETURNS, 1.0], [YOUNG, 1.0]])


@inlined
def _gain(share: float, hit: bool) -> float:
    return math.log(_RING / share) if hit else math.log((1.0 - _RING) / (1.0 - share))


@inlined
def _learn(counts: F64, row: int, hits: float, clicks: float) -> None:
    counts[row, 0] += hits
    counts[row, 1] += clicks
    if counts[row, 1] >= _FORGET:
        counts[row, 0] *= 0.5
        counts[row, 1] *= 0.5


@inlined
def returns(record: Record, known: bool, counts: F64, limit: float) -> None:
    """Take in a click of a user whose bit was set or not; the user before was another one."""
    filled = record.filled / BITS
    share = min(max(counts[0, 0] / counts[0, 1], RETURNS), _MOST)
    if record.flags == 0 and record.crowd < 0.5 * limit:
        _learn(counts, 0, (1.0 if known else 0.0) - filled, 1.0 - filled)
    record.crowd = add(record.crowd, _gain(filled + (1.0 - filled) * share, known), limit)


@inlined
def youth(record: Record, young: bool, counts: F64, limit: float) -> None:
    """Take in a click of an account that is young or not."""
    share = min(max(counts[1, 0] / counts[1, 1], YOUNG), _MOST)
    if record.flags == 0 and record.young < 0.5 * limit:
        _learn(counts, 1, 1.0 if young else 0.0, 1.0)
    record.young = add(record.young, _gain(share, young), limit)
