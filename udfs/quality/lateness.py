"""Event time per source partition, and who comes too late against it."""

from __future__ import annotations

from udfs.jit import kernel
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
