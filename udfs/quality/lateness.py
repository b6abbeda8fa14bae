"""Event time per source partition, and who comes too late against it."""

from __future__ import annotations

import numpy as np

from udfs.frames import Frame
from udfs.jit import kernel
from udfs.quality.partition import is_of_topic
from udfs.types import I64, U16, Bool


@kernel
def advance(
    times: I64, offsets: I64, part: U16, lateness: int, max_jump: int, clock: I64, last: I64, late: Bool
) -> None:
    """Advance each partition's clock event by event and mark what lies more than ``lateness`` behind its own partition.

    Args:
        times: int64 (n,): event times, in order.
        offsets: int64 (n,): their offsets.
        part: uint16 (n,): their partitions.
        lateness: microseconds; negative turns marking off.
        max_jump: microseconds that one event can advance its partition by, until later events confirm it.
        clock: int64 (parts,): in and out, microseconds since 1970; 0 before the first event.
        last: int64 (parts,): in and out, the highest offset.
        late: bool (n,): out.
    """
    for row in range(len(times)):
        p = part[row]
        if clock[p] == 0:
            clock[p] = times[row]
        late[row] = lateness >= 0 and times[row] < clock[p] - lateness
        if times[row] > clock[p]:
            clock[p] = min(times[row], clock[p] + max_jump)
        last[p] = max(last[p], offsets[row])


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
