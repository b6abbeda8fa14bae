"""All rules that look at one user alone, in one pass over the events: evaluate, then update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from udfs.errors import ConfigurationError, StateError
from udfs.jit import inlined, kernel
from udfs.quality.anomaly import answer_speed, bets, click_through, pace, regularity, rest, user_table
from udfs.quality.anomaly.evidence import flag, limit
from udfs.quality.anomaly.user_record import BURST, DISORDER, OLDEST, RECORD, Record, since_page
from udfs.quality.anomaly.user_table import Table
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
    error: float = 1e-4
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


_COUNT, _FORGOTTEN = range(2)
_REMEDY: Final = "Restore an older checkpoint"


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
    """Let an event of a page enter the rules about time; not a straggler's. A clock that was set back begins anew."""
    gap = time - record.last
    if record.seen == 0 or gap < -DISORDER:
        record.last, record.age, record.burst = time, 0, 1
    elif gap > -BURST:
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
    state: I64,
    counts: F64,
    gained: F64,
    people: F64,
    reasons: U8,
) -> int:
    """Process rows from ``start``; return the first row for which room has to be made, or their number."""
    for row in range(start, len(users)):
        user_table.fetch(users, row, table)
        user, kind, time = users[row], kinds[row], times[row]
        record = table[user_table.find(user, table)]
        if record.seen == 0:
            if state[_COUNT] >= room:
                return row
            state[_COUNT] += 1
            record.user = user
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
        self._options = options
        self._limit = limit(options.error)
        self._largest = max(user_table.FIRST, 1 << (options.max_users * 4 // 3 - 1).bit_length())
        self._table = user_table.new(user_table.FIRST)
        self._state = np.zeros(2, np.int64)
        self._counts, self._gained = bets.assumed(), bets.gains()
        self._people = click_through.assumed(options.click_rate)

    def __len__(self) -> int:
        return int(self._state[_COUNT])

    @property
    def forgotten(self) -> int:
        """Users that had to make room for others."""
        return int(self._state[_FORGOTTEN])

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
        rules = (self._options.learn, self._options.page, self._limit)
        learned = (self._counts, self._gained, self._people)
        row = 0
        while row < len(users):
            row = _pass(row, users, kinds, times, self._table, self._room(), *rules, self._state, *learned, reasons)
            if row < len(users):
                self._make_room()
        return reasons

    def _room(self) -> int:
        return min(user_table.limit(self._table), self._options.max_users)

    def _make_room(self) -> None:
        records = user_table.users_of(self._table)
        room = self._room()
        if len(records) >= room:
            if len(self._table) < self._largest:
                self._table = user_table.new(len(self._table) * 2)
            else:
                surplus = len(records) - room * 3 // 4
                self._state[_FORGOTTEN] += surplus
                records = records[surplus:]
        self._state[_COUNT] = len(records)
        self._table[:] = np.zeros((), RECORD)
        user_table.fill(self._table, records)

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield three parts: counters, what was learned about people, and the users by when they were last seen."""
        yield np.append(self._state, len(self._table)).tobytes()
        yield np.concatenate([self._counts.ravel(), self._gained.ravel(), self._people]).tobytes()
        yield user_table.users_of(self._table).view(np.uint8).data

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take the three parts that ``dump`` yielded.

        Raises:
            StateError: they do not fit each other.
        """
        counters, learned = np.frombuffer(parts[0], np.int64), np.frombuffer(parts[1], np.float64)
        records = np.frombuffer(parts[2], RECORD)
        held = (self._counts, self._gained, self._people)
        if len(parts) != 3 or len(counters) != 3 or len(learned) != sum(array.size for array in held):
            raise StateError("The stored users of the anomaly rules are of another version", _REMEDY)
        self._state[:] = counters[:2]
        entries = int(counters[2])
        if len(records) != len(self) or entries < 1 or entries & (entries - 1) or len(records) >= entries:
            raise StateError("The stored users of the anomaly rules do not fit their counters", _REMEDY)
        ends = np.cumsum([array.size for array in held])[:-1]
        for array, stored in zip(held, np.split(learned, ends), strict=True):
            array[:] = stored.reshape(array.shape)
        self._table = user_table.new(entries)
        user_table.fill(self._table, records)
