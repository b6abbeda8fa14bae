"""All rules that look at one item alone, in one pass over the events: evaluate, then update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from udfs.jit import inlined, kernel
from udfs.quality.anomaly import click_through, crowd, keyed_table
from udfs.quality.anomaly.evidence import add, flag, limit
from udfs.quality.anomaly.item_options import ItemOptions, ItemReason
from udfs.quality.anomaly.item_record import RECORD, enter, holds, place_of
from udfs.quality.anomaly.keyed_state import COUNT, FORGOTTEN, KeyedState
from udfs.quality.anomaly.keyed_table import Record, Table
from udfs.quality.anomaly.user_options import CLICK, IMPRESSION
from udfs.types import F64, I64, U8, U64, Bool


@inlined
def _shown(record: Record, items: F64, limit: float) -> None:
    n, k = float(record.shown), float(record.clicked)
    record.hot = add(record.hot, click_through.gain_of_none(n, k, items), limit, click_through.CEILING)
    record.shown += 1
    if record.shown == click_through.SAMPLE and record.flags == 0:
        click_through.learn(items, k)
    if record.shown >= click_through.KEPT:
        record.shown >>= 1
        record.clicked >>= 1


@inlined
def _clicked(record: Record, items: F64, limit: float) -> None:
    n, k = float(record.shown), float(record.clicked)
    if k < n:
        record.hot = add(record.hot, click_through.gain_of_click(n, k, items), limit, click_through.CEILING)
        record.clicked += 1


@inlined
def _reason(flags: int, known: bool, young: bool) -> int:
    if flags & 1:
        return ItemReason.RING if known else ItemReason.FINE
    if flags & 2:
        return ItemReason.HOT
    return ItemReason.YOUNG if young and flags & 4 else ItemReason.FINE


@inlined
def _click(record: Record, user: np.uint64, young: bool, crowds: F64, items: F64, limit: float) -> int:
    place = place_of(user, record)
    known = holds(record, place)
    reason = _reason(record.flags, known, young)
    clicker = np.uint32(user & np.uint64(0xFFFFFFFF))
    if clicker != record.clicker:
        crowd.returns(record, known, crowds, limit)
        crowd.youth(record, young, crowds, limit)
        record.clicker = clicker
    if not known:
        enter(record, place)
    _clicked(record, items, limit)
    return reason


@kernel
def _pass(
    start: int,
    items: U64,
    users: U64,
    kinds: U8,
    times: I64,
    young: Bool,
    table: Table,
    room: int,
    limit: float,
    counters: I64,
    crowds: F64,
    rates: F64,
    reasons: U8,
) -> int:
    """Process rows from ``start``; return the first row for which room has to be made, or their number."""
    for row in range(start, len(items)):
        keyed_table.fetch(items, row, table)
        record = table[keyed_table.find(items[row], table)]
        if record.seen == 0:
            if counters[COUNT] >= room:
                return row
            counters[COUNT] += 1
            record.key = items[row]
        if kinds[row] == IMPRESSION:
            _shown(record, rates, limit)
        elif kinds[row] == CLICK:
            reasons[row] = _click(record, users[row], young[row], crowds, rates, limit)
        flags = flag(record.flags, ItemReason.RING - 1, record.crowd, limit)
        flags = flag(flags, ItemReason.HOT - 1, record.hot, limit)
        record.flags = flag(flags, ItemReason.YOUNG - 1, record.young, limit)
        record.seen = min(record.seen + 1, 255)
        record.last = max(record.last, times[row])
    return len(items)


class ItemRules:
    """Looks at items one by one, as far as they are remembered, for rings of accounts that click the same few."""

    def __init__(self, options: ItemOptions) -> None:
        self._limit = limit(options.error, len(ItemReason) - 1)
        learned = (crowd.assumed(), click_through.assumed(options.click_rate))
        self._state = KeyedState(RECORD, options.max_items, learned)

    def __len__(self) -> int:
        return len(self._state)

    @property
    def forgotten(self) -> int:
        """Items that had to make room for others."""
        return int(self._state.counters[FORGOTTEN])

    def update(self, items: U64, users: U64, kinds: U8, times: I64, young: Bool | None = None) -> U8:
        """Judge events by those before them, then remember them.

        Args:
            items: uint64 (n,): hashes of items.
            users: uint64 (n,): hashes of users.
            kinds: uint8 (n,): ``IMPRESSION``, ``CLICK`` or ``OTHER``, as for the rules about users.
            times: int64 (n,): event time, microseconds: what was not seen for longest is forgotten first.
            young: bool (n,): whose accounts are young; None where nobody knows.

        Returns:
            uint8 (n,): an ``ItemReason``, 0 where nothing is wrong; only clicks have others.
        """
        reasons = np.zeros(len(items), np.uint8)
        flags = np.zeros(len(items), np.bool_) if young is None else young
        state, row = self._state, 0
        crowds, rates = state.learned
        while row < len(items):
            kept = (state.table, state.room(), self._limit, state.counters)
            row = _pass(row, items, users, kinds, times, flags, *kept, crowds, rates, reasons)
            if row < len(items):
                state.make_room()
        return reasons

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield three parts: counters, what was learned about items, and the items by when they were last seen."""
        return self._state.dump()

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take the three parts that ``dump`` yielded.

        Raises:
            StateError: they do not fit each other.
        """
        self._state.load(parts)
