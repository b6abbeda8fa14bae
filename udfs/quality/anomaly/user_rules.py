"""All rules that look at one user alone, in one pass over the events: evaluate, then update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from udfs.errors import ConfigurationError
from udfs.jit import inlined, kernel
from udfs.quality.anomaly import answer_speed, bets, click_through, keyed_table, pace, regularity, rest
from udfs.quality.anomaly.evidence import flag, limit
from udfs.quality.anomaly.keyed_state import COUNT, FORGOTTEN, KeyedState
from udfs.quality.anomaly.keyed_table import Record, Table
from udfs.quality.anomaly.user_record import BURST, DISORDER, OLDEST, RECORD, STRAGGLERS, since_page
from udfs.types import F64, I64, U8, U64

IMPRESSION, CLICK, OTHER = range(3)
"""Kinds of events."""


class UserReason(IntEnum):
    """Why an event is not a customer's; the first that holds."""

    FINE = 0
    PACE = 1
    DAY = 2
    REGULAR = 3
    RESTLESS = 4
    CLICKER = 5
    CLICKLESS = 6
    HASTY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOptions:
    """What a shop may have to say.

    Attributes:
        max_users: users that are remembered, in 85 to 170 bytes each; what is stored of each is 64.
        learn: events of a user before the first verdict.
        page: impressions on a page of results.
        error: probability that the rules together ever take a person for a bot.
        click_rate: clicks per impression, roughly; what people do is learned.
    """

    max_users: int = 98_304
    learn: int = 20
    page: int = 10
    error: float = 1e-3
    click_rate: float = 0.04

    def __post_init__(self) -> None:
        for name, low, high in (
            ("max_users", 16, 1 << 30),
            ("learn", 0, 200),
            ("page", 1, 200),
            ("error", 1e-12, 0.1),
            ("click_rate", 1e-5, 0.5),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigurationError(f"{name} is {getattr(self, name)}", f"Choose {low} to {high}")


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
        self._options, self._limit = options, limit(options.error)
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
