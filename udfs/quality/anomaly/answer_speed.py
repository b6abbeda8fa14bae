"""Clicks sooner after their page than anybody reads it."""

from __future__ import annotations

from typing import Final

from udfs.jit import inlined
from udfs.quality.anomaly import bets
from udfs.quality.anomaly.bets import ANSWER
from udfs.quality.anomaly.evidence import add
from udfs.quality.anomaly.keyed_table import Record
from udfs.quality.anomaly.user_record import since_page
from udfs.types import F64

SOON: Final = 700
"""Milliseconds; seeing, choosing and moving a hand take longer (Card, Moran & Newell 1983, model human processor)."""


@inlined
def look(record: Record, time: int, counts: F64, gained: F64, limit: float) -> None:
    """Take in a click at ``time``; where the newest page came after it, it proves nothing."""
    since = since_page(record, time)
    if since >= 0:
        cell = 0 if since < SOON else 1
        if record.flags == 0 and record.hasty < 0.5 * limit:
            bets.observe(counts, gained, ANSWER, cell)
        record.hasty = add(record.hasty, gained[ANSWER, cell], limit)
