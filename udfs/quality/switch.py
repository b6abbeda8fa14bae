"""Events that an archive of files and a topic both hold: each counts on one side of the switch alone."""

from __future__ import annotations

from udfs.frames import Frame, Kind
from udfs.schema import Switch
from udfs.types import I64, Bool

AFTER, BEFORE = "after_switch", "before_switch"
"""Why an event is skipped: of a file and at or after the switch; of a topic and before it."""


def skip(good: Bool, times: I64, in_file: Bool, switch: Switch | None) -> dict[str, int]:
    """Leave out the events on the wrong side of the switch; return how many by reason, nothing where there are none.

    Args:
        good: bool (n,): in and out: which rows are events that count.
        times: int64 (n,): event times, microseconds since 1970; of rows that are not good, anything.
        in_file: bool (n,): whether a row is of a file, rather than of a topic.
        switch: where it is.
    """
    if switch is None or switch.time is None:
        return {}
    wrong = good & (in_file == (times >= switch.time))
    if not wrong.any():
        return {}
    good[wrong] = False
    return {AFTER: int((wrong & in_file).sum()), BEFORE: int((wrong & ~in_file).sum())}


def skipped_frame(skipped: dict[str, int], now: int) -> Frame:
    """Return the frame by which a bucket is told what ``skip`` left out at an ingest time."""
    return Frame(Kind.SKIPPED, meta={"skipped": skipped, "now": now})
