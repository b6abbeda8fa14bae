"""Which impression feedback answers, and what it does to its labels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.jit import kernel
from udfs.joining import chains
from udfs.joining.examples import AGAIN, EARLY
from udfs.types import I32, I64, U8, U32, U64, Bool

ANSWERED, LATE, UNKNOWN, WAITING = range(4)
"""What became of feedback: it counts for a label; it came after all windows; no impression is known; not yet any."""


class Attributed(NamedTuple):
    """What became of feedback.

    Attributes:
        outcome: uint8 (n,): what became of each.
        number: int64 (n,): the impression that it makes an example of out of turn; else any.
        turn: uint8 (n, labels): ``EARLY`` or ``AGAIN`` where it makes one of that label; (n, 0) where none can.
    """

    outcome: U8
    number: I64
    turn: U8


@kernel
def _find(
    value: np.uint64,
    time: int,
    early: int,
    oldest: int,
    last: bool,
    dropped: int,
    keys: U64,
    table: U32,
    before: I32,
    times: I64,
    order: U64,
) -> np.int64:
    """Return the place of the newest impression up to ``time``; or of the first after it, within ``early``; or -1."""
    found = after = np.int64(-1)
    place = chains.newest(value, keys, table)
    while place >= 0:
        shown = times[place]
        if oldest <= shown <= time:
            if found < 0 or (shown, order[place]) > (times[found], order[found]):
                found = place
        elif (
            not last
            and time < shown <= time + early
            and (after < 0 or (shown, order[place]) < (times[after], order[after]))
        ):
            after = place
        place = chains.prior(place, dropped, before)
    return found if found >= 0 else after


@kernel
def _number(place: np.int64, dropped: int, places: int) -> np.int64:
    return np.int64(dropped + (place - dropped) % places)


@kernel
def attribute(
    kinds: U8,
    values: U64,
    moments: I64,
    low: int,
    early: int,
    horizon: int,
    dropped: int,
    key: I64,
    last: Bool,
    within: I64,
    rank: U8,
    window: I64,
    begins: I64,
    begun: I64,
    leaves_early: Bool,
    counts_late: Bool,
    tables: U32,
    before: I32,
    keys: U64,
    times: I64,
    order: U64,
    got: U8,
    first: I64,
    left: U8,
    late: U8,
    outcome: U8,
    found: I64,
    turn: U8,
) -> None:
    """Attribute feedback, in the order of its time, to impressions.

    Args:
        kinds: uint8 (n,): the kind of each.
        values: uint64 (n,): its key.
        moments: int64 (n,): its time.
        low: the time up to which everything has arrived.
        early: microseconds that feedback may precede its impression by.
        horizon: microseconds after which an impression is known no more, whether or not it has left the log.
        dropped: the number of the oldest that is known.
        key: of ``Rules``, as all up to ``counts_late``.
        last: of ``Rules``.
        within: of ``Rules``.
        rank: of ``Rules``.
        window: of ``Rules``.
        begins: of ``Rules``.
        begun: of ``Rules``.
        leaves_early: of ``Rules``.
        counts_late: of ``Rules``.
        tables: uint32 (keys, entries): the indexes of the impressions' keys.
        before: int32 (keys, places): the chains of equal ones.
        keys: of ``Log``, as all up to ``late``; in and out.
        times: of ``Log``.
        order: of ``Log``.
        got: of ``Log``.
        first: of ``Log``.
        left: of ``Log``.
        late: of ``Log``.
        outcome: uint8 (n,): out, what became of each.
        found: int64 (n,): out, the number of the impression that it makes an example of out of turn.
        turn: uint8 (n, labels): in 0, out of ``Attributed``.
    """
    for row in range(len(kinds)):
        kind = kinds[row]
        place = _find(
            values[row],
            moments[row],
            early,
            moments[row] - horizon,
            last[kind],
            dropped,
            keys[key[kind]],
            tables[key[kind]],
            before[key[kind]],
            times,
            order,
        )
        if place < 0:
            waits = not last[kind] and moments[row] + early >= low
            outcome[row] = WAITING if waits else UNKNOWN
            continue
        outcome[row] = LATE
        moment = max(moments[row], times[place])
        if moment > times[place] + within[kind]:
            continue
        for label in range(len(window)):
            if rank[label, kind] == 0:
                continue
            begin = times[place] if begins[label] < 0 else first[place, begun[begins[label]]]
            if begin > moment:
                continue
            if moment - begin <= window[label]:
                if leaves_early[label] and left[place, label] == 0:
                    left[place, label] = 1
                    found[row], turn[row, label] = _number(place, dropped, len(times)), EARLY
                got[place, label] = max(got[place, label], rank[label, kind])
                if begun[label] >= 0:
                    first[place, begun[label]] = min(first[place, begun[label]], moment)
                outcome[row] = ANSWERED
            elif counts_late[label] and got[place, label] == 0 and late[place, label] == 0:
                late[place, label] = rank[label, kind]
                if left[place, label]:
                    found[row], turn[row, label] = _number(place, dropped, len(times)), AGAIN


@kernel
def answering(
    values: U64,
    moments: I64,
    within: int,
    dropped: int,
    keys: U64,
    table: U32,
    before: I32,
    times: I64,
    order: U64,
    found: I64,
) -> None:
    """Find for each of ``moments`` (n,) the number of the newest of its value that is not after it, or -1."""
    for row in range(len(values)):
        oldest = moments[row] - within
        found[row] = -1
        if values[row] != 0:
            place = _find(values[row], moments[row], 0, oldest, True, dropped, keys, table, before, times, order)
            found[row] = -1 if place < 0 else _number(place, dropped, len(times))
