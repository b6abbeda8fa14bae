"""Faster than people read, for a moment or for a day.

Moment: between two pages a person takes a while, log-normally distributed; and a page has an end. Both are bets on
cells (``bets.py``). Clicks are left out: a person may open several results at once.

Day: a count of events that decays with a time constant of a day, against what nobody reaches: a page of ten every
twelve seconds for sixteen hours.
"""

from __future__ import annotations

import math
from typing import Final

from udfs.jit import inlined
from udfs.quality.anomaly import bets
from udfs.quality.anomaly.bets import FLOW, GAPS, PACE
from udfs.quality.anomaly.evidence import add
from udfs.quality.anomaly.keyed_table import Record
from udfs.types import F64

DAY_LIMIT: Final = 50_000.0
"""Events within a day."""

_DAY: Final = 86_400e6


@inlined
def look(record: Record, gap: int, starts: bool, page: int, counts: F64, gained: F64, limit: float) -> None:
    """Take in an event that comes ``gap`` microseconds after the one before and ``starts`` a page or goes on with it.

    A page has ``page`` events, usually.
    """
    record.day = record.day * math.exp(-gap / _DAY) + 1.0
    learns = record.flags == 0 and record.pace < 0.5 * limit
    if record.burst >= page:
        cell = 1 if starts else 0
        record.pace = add(record.pace, gained[FLOW, cell], limit)
        if learns:
            bets.observe(counts, gained, FLOW, cell)
    if starts:
        cell = 0
        while cell < len(GAPS) and gap >= GAPS[cell]:
            cell += 1
        record.pace = add(record.pace, gained[PACE, cell], limit)
        if learns:
            bets.observe(counts, gained, PACE, cell)
        record.burst = 1
    else:
        record.burst = min(record.burst + 1, 255)


@inlined
def day_flag(flags: int, rule: int, day: float) -> int:
    """Return the flags after a look at the day's count: set from the limit on, cleared below half of it."""
    if day >= DAY_LIMIT:
        return flags | (1 << rule)
    if day < 0.5 * DAY_LIMIT:
        return flags & ~(1 << rule)
    return flags
