"""A user who never leaves: no interval between pages that is much longer than usual, for hundreds of pages.

People come in sessions and stop to read, so that one interval in ten or more is longer than three usual ones. A bot
that goes on day and night at a person's rate, however irregularly, has no such pauses. The usual interval is the
median, by steps of a tenth up or down (Ma, Muthukrishnan & Sandler 2013, "Frugal streaming for estimating quantiles").
"""

from __future__ import annotations

from typing import Final

from udfs.jit import inlined
from udfs.quality.anomaly import bets
from udfs.quality.anomaly.bets import LEAVES, PAUSE
from udfs.quality.anomaly.evidence import add
from udfs.quality.anomaly.keyed_table import Record
from udfs.types import F64

_STEP: Final = 1.1


@inlined
def look(record: Record, seconds: float, counts: F64, gained: F64, limit: float) -> None:
    """Take in a page that begins ``seconds`` after the one before."""
    if record.usual > 0.0:
        cell = 0 if seconds <= LEAVES * record.usual else 1
        if record.flags == 0 and record.restless < 0.5 * limit:
            bets.observe(counts, gained, PAUSE, cell)
        record.restless = add(record.restless, gained[PAUSE, cell], limit)
        record.usual *= _STEP if seconds > record.usual else 1.0 / _STEP
    else:
        record.usual = seconds
