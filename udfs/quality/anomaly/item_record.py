"""What is remembered of one item: a record of 64 bytes, one cache line; and the sketch of its clickers in it.

The sketch is a bitmap (Whang, Vander-Zanden & Taylor 1990, linear counting): a clicker that was there before finds its
bit set, and one that was not finds it set as often as bits are set. It is emptied when it is half full.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.jit import inlined
from udfs.quality.anomaly.keyed_table import Record, mixed

RECORD: Final = np.dtype(
    [
        ("key", "u8"),
        ("last", "i8"),  # time of the newest event, microseconds
        ("low", "u8"),  # the bitmap, in three words
        ("middle", "u8"),
        ("high", "u8"),
        ("crowd", "f4"),  # the evidence of each rule, nats
        ("hot", "f4"),
        ("young", "f4"),
        ("clicker", "u4"),  # part of the hash of who clicked last
        ("shown", "u2"),
        ("clicked", "u2"),
        ("filled", "u1"),  # bits set
        ("seen", "u1"),  # events, up to 255; 0 in an entry that is free
        ("flags", "u1"),  # a bit for each rule
        ("spare", "u1"),
    ]
)

BITS: Final = 192


@inlined
def place_of(user: np.uint64, record: Record) -> np.uint64:
    """Return a user's bit."""
    return np.uint64(((mixed(user ^ record.key) >> np.uint64(32)) * np.uint64(BITS)) >> np.uint64(32))


@inlined
def holds(record: Record, place: np.uint64) -> bool:
    """Tell whether a bit is set."""
    bit = np.uint64(1) << (place & np.uint64(63))
    if place < 64:
        return bool(record.low & bit)
    if place < 128:
        return bool(record.middle & bit)
    return bool(record.high & bit)


@inlined
def enter(record: Record, place: np.uint64) -> None:
    """Set a bit that is not set; empty a bitmap that is half full before."""
    if record.filled >= BITS // 2:
        record.low = record.middle = record.high = np.uint64(0)
        record.filled = 0
    bit = np.uint64(1) << (place & np.uint64(63))
    if place < 64:
        record.low |= bit
    elif place < 128:
        record.middle |= bit
    else:
        record.high |= bit
    record.filled += 1
