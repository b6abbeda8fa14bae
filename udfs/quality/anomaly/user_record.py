"""What is remembered of one user: a record of 64 bytes, one cache line."""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.jit import inlined
from udfs.quality.anomaly.keyed_table import Record

RECORD: Final = np.dtype(
    [
        ("key", "u8"),
        ("last", "i8"),  # time of the newest page's newest event, microseconds
        ("age", "u4"),  # milliseconds from the beginning of the newest page to it
        ("day", "f4"),  # events, decayed over a day
        ("pace", "f4"),  # the evidence of each rule, nats
        ("regular", "f4"),
        ("restless", "f4"),
        ("clicker", "f4"),
        ("clickless", "f4"),
        ("hasty", "f4"),
        ("interval", "f4"),  # that the user keeps coming back to, seconds
        ("usual", "f4"),  # median interval, seconds
        ("shown", "u2"),
        ("clicked", "u2"),
        ("seen", "u1"),  # events, up to 255; 0 in an entry that is free
        ("burst", "u1"),  # events in the present page, up to 255
        ("votes", "u1"),  # for the interval, and sixteen for each straggler since the newest page
        ("flags", "u1"),  # a bit for each rule
    ]
)

DISORDER: Final = 3_600_000_000
"""Microseconds that an event may lie behind the user's newest and be a straggler; farther back the clock was set."""

STRAGGLERS: Final = 4
"""Events in a row behind the user's newest after which that one came too early, not these too late."""

OLDEST: Final = (1 << 32) - 1
"""Milliseconds that a page can be old."""

BURST: Final = 1_000_000
"""Microseconds; events that follow each other within them are one page, however many they are."""


@inlined
def since_page(record: Record, time: int) -> int:
    """Return milliseconds from the beginning of the user's newest page to ``time``; negative before it."""
    return int(time // 1000 - (record.last // 1000 - record.age))
