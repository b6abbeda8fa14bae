"""Event time per source partition, and who comes too late against it."""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.frames import Frame
from udfs.jit import kernel
from udfs.quality.partition import is_of_topic
from udfs.types import I64, U16, Bool

CLOCK: Final = 3
"""Numbers that a clock is made of: its time, events in a row far ahead of it, and the time of the earliest of those."""
CONFIRMED: Final = 8
"""Events that must agree before a clock jumps: a hundredth of events with broken clocks never gets there, since each
event with another time takes one back."""


@kernel
def advance(times: I64, clock_of: U16, lateness: int, max_jump: int, low: int, clocks: I64, late: Bool) -> None:
    """Advance clocks event by event, and mark what lies more than ``lateness`` behind its own.

    Args:
        times: int64 (n,): event times, in order.
        clock_of: uint16 (n,): their clocks.
        lateness: microseconds; negative turns marking off.
        max_jump: microseconds; an event further ahead of its clock moves it only when others confirm it.
        low: what lies before it is late too.
        clocks: int64 (clocks, 3): in and out: time in microseconds since 1970, 0 before the first event; how many
            events were further ahead, less those that were not; the earliest of the former.
        late: bool (n,): out.
    """
    for row in range(len(times)):
        clock, time = clocks[clock_of[row]], times[row]
        if clock[0] == 0:
            clock[0] = time
        late[row] = lateness >= 0 and (time < clock[0] - lateness or time < low)
        if time <= clock[0] + max_jump:
            clock[0] = max(clock[0], time)
            clock[1] = max(clock[1] - 1, 0)
            continue
        clock[2] = time if clock[1] == 0 else min(clock[2], time)
        clock[1] += 1
        if clock[1] == CONFIRMED:
            clock[0], clock[1] = clock[2], 0


@kernel
def _newest(offsets: I64, part: U16, last: I64) -> None:
    for row in range(len(offsets)):
        last[part[row]] = max(last[part[row]], offsets[row])


def parts_of(frame: Frame) -> list[int]:
    """Return the partitions that a frame has rows of, in order."""
    found: list[int] = np.flatnonzero(np.bincount(frame.columns["part"])).tolist()
    return found


def note_offsets(frame: Frame, newest: dict[str, int]) -> None:
    """Let the offsets of a frame's rows enter the highest one of each partition; files are too many to name."""
    names = frame.meta["parts"]
    last = np.full(len(names), -1)
    _newest(frame.columns["offset"], frame.columns["part"], last)
    for i in parts_of(frame):
        if is_of_topic(names[i]):
            newest[names[i]] = max(newest.get(names[i], -1), int(last[i]))
