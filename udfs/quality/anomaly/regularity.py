"""Pages at regular intervals: a bot that paces itself.

What counts is how close an interval comes to the one that the user keeps. A person's intervals are spread (a standard
deviation of their logarithm of a half at the least), so they come near any given value seldom; those of a bot with 10 %
of jitter nearly always do. The kept one is found as Boyer & Moore (1981, "MJRTY") find a majority: an interval near the
candidate votes for it and moves it, another votes against it, and who has no votes left is replaced. So pauses do no
harm.
"""

from __future__ import annotations

from typing import Final

from udfs.jit import inlined
from udfs.quality.anomaly import bets
from udfs.quality.anomaly.bets import DEVIATIONS, REGULARITY
from udfs.quality.anomaly.evidence import add
from udfs.quality.anomaly.keyed_table import Record
from udfs.types import F64

_VOTES: Final = 8
"""The most a candidate has; its value is a mean over as many intervals."""


@inlined
def look(record: Record, seconds: float, counts: F64, gained: F64, limit: float) -> None:
    """Take in a page that begins ``seconds`` after the one before."""
    if record.interval > 0.0:
        deviation = abs(seconds / record.interval - 1.0)
        cell = 0
        while cell < len(DEVIATIONS) and deviation > DEVIATIONS[cell]:
            cell += 1
        if record.flags == 0 and record.regular < 0.5 * limit:
            bets.observe(counts, gained, REGULARITY, cell)
        record.regular = add(record.regular, gained[REGULARITY, cell], limit)
        _vote(record, seconds, cell < len(DEVIATIONS))
    else:
        record.interval, record.votes = seconds, 1


@inlined
def _vote(record: Record, seconds: float, near: bool) -> None:
    # The upper half of the byte is empty: the page that this is called for leaves no straggler.
    if near:
        record.votes = min(record.votes + 1, _VOTES)
        record.interval += (seconds - record.interval) / record.votes
    elif record.votes > 1:
        record.votes -= 1
    else:
        record.interval, record.votes = seconds, 1
