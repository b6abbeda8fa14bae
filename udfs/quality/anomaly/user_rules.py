"""All rules that look at one user alone, in one pass over the events: evaluate, then update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from udfs.jit import inlined, kernel
from udfs.quality.anomaly import answer_speed, bets, click_through, keyed_table, pace, regularity, rest
from udfs.quality.anomaly.evidence import flag, limit
from udfs.quality.anomaly.keyed_state import COUNT, FORGOTTEN, KeyedState
from udfs.quality.anomaly.keyed_table import Record, Table
from udfs.quality.anomaly.user_options import CLICK, IMPRESSION, UserOptions, UserReason
from udfs.quality.anomaly.user_record import BURST, DISORDER, OLDEST, RECORD, STRAGGLERS, since_page
from udfs.types import F64, I64, U8, U64


@inlined
def _first_reason(flags: int) -> int:
    reason = 0
    while flags >> reason:
        reason += 1
        if flags >> (reason - 1) & 1:
            return reason
    return 0


@inlined
def _take_page(record: Record, time: int, page: int, counts: F64, gained: F64, limit: float) -> None:
    """Let an event of a page enter the rules about time; not a straggler's.

    Where the clock was set back, or the newest event turns out to have come too early, the user's time begins anew.
    """
    gap = time - record.last
    behind = (record.votes >> 4) + 1 if gap <= -BURST else 0
    record.votes = (record.votes & 15) | (behind << 4)
    if record.seen == 0 or gap < -DISORDER or behind == STRAGGLERS:
        record.last, record.age, record.burst, record.votes = time, 0, 1, record.votes & 15
    elif behind == 0:
        starts = gap >= BURST
        pace.look(record, max(gap, 0), starts, page, counts, gained, limit)
        since = since_page(record, max(time, record.last))
        if starts:
            regularity.look(record, since * 1e-3, counts, gained, limit)
            rest.look(record, since * 1e-3, counts, gained, limit)
        record.last, record.age = max(time, record.last), 0 if starts else min(since, OLDEST)


@inlined
def _take(record: Record, kind: int, time: int, page: int, counts: F64, gained: F64, people: F64, limit: float) -> None:
    if kind == IMPRESSION:
        click_through.shown(record, people, limit)
    if kind == CLICK and record.clicked < record.shown:
        record.day += 1.0
        answer_speed.look(record, time, counts, gained, limit)
        click_through.clicked(record, people, limit)
    else:
        # A click that answers no impression proves nothing but that somebody is there, as a page does.
        _take_page(record, time, page, counts, gained, limit)


@inlined
def _judge(record: Record, limit: float) -> int:
    flags = flag(record.flags, UserReason.PACE - 1, record.pace, limit)
    flags = pace.day_flag(flags, UserReason.DAY - 1, record.day)
    flags = flag(flags, UserReason.REGULAR - 1, record.regular, limit)
    flags = flag(flags, UserReason.RESTLESS - 1, record.restless, limit)
    flags = flag(flags, UserReason.CLICKER - 1, record.clicker, limit)
    flags = flag(flags, UserReason.CLICKLESS - 1, record.clickless, limit)
    return flag(flags, UserReason.HASTY - 1, record.hasty, limit)


@kernel
def _pass(
    start: int,
    users: U64,
    kinds: U8,
    times: I64,
    table: Table,
    room: int,
    learn: int,
    page: int,
    limit: float,
    counters: I64,
    counts: F64,
    gained: F64,
    people: F64,
    reasons: U8,
) -> int:
    """Process rows from ``start``; return the first row for which room has to be made, or their number."""
    for row in range(start, len(users)):
        keyed_table.fetch(users, row, table)
        user, kind, time = users[row], kinds[row], times[row]
        record = table[keyed_table.find(user, table)]
        if record.seen == 0:
            if counters[COUNT] >= room:
                return row
            counters[COUNT] += 1
            record.key = user
        elif record.seen >= learn:
            reasons[row] = _first_reason(record.flags)
        _take(record, kind, time, page, counts, gained, people, limit)
        record.flags = _judge(record, limit)
        record.seen = min(record.seen + 1, 255)
    return len(users)


class UserRules:
    """Looks at users one by one, as far as they are remembered.

    Attributes:
        forgotten: users given up because the bound was reached; they begin anew.
    """

    def __init__(self, options: UserOptions) -> None:
        self._options, self._limit = options, limit(options.error, len(UserReason) - 1)
        learned = (bets.assumed(), bets.gains(), click_through.assumed(options.click_rate))
        self._state = KeyedState(RECORD, options.max_users, learned)

    def __len__(self) -> int:
        return len(self._state)

    @property
    def forgotten(self) -> int:
        """Users that had to make room for others."""
        return int(self._state.counters[FORGOTTEN])

    def update(self, users: U64, kinds: U8, times: I64) -> U8:
        """Judge events by those before them, then remember them.

        Args:
            users: uint64 (n,): hashes of users.
            kinds: uint8 (n,): ``IMPRESSION``, ``CLICK`` or ``OTHER``.
            times: int64 (n,): event time, microseconds, in order of arrival.

        Returns:
            uint8 (n,): a ``UserReason``, 0 where nothing is wrong.
        """
        reasons = np.zeros(len(users), np.uint8)
        rules, state = (self._options.learn, self._options.page, self._limit), self._state
        counts, gained, people = state.learned
        row = 0
        while row < len(users):
            kept = (state.table, state.room(), *rules, state.counters, counts, gained, people)
            row = _pass(row, users, kinds, times, *kept, reasons)
            if row < len(users):
                state.make_room()
        return reasons

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield three parts: counters, what was learned about people, and the users by when they were last seen."""
        return self._state.dump()

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take the three parts that ``dump`` yielded.

        Raises:
            StateError: they do not fit each other.
        """
        self._state.load(parts)
