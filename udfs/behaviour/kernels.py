"""Events and impressions in the order of time: what an impression finds in its user's record, what an event writes.

A record is seen as five arrays of one memory, by the width of what stands in it: ``words`` (uint64), ``ints`` (int64),
``reals`` (float64), ``halves`` (uint32) and ``quarters`` (uint16).
"""

from __future__ import annotations

import numpy as np

from udfs.behaviour.record import KEY, SEEN, STEPS
from udfs.jit import kernel
from udfs.joining import chains
from udfs.types import F64, I64, U8, U16, U32, U64, Bool

MOST = np.iinfo(np.uint16).max
_MICROSECONDS = 1e6


@kernel
def entry_of(key: np.uint64, words: U64, table: U32) -> np.int64:
    """Return the entry of a key in the index, or the free one where it belongs."""
    entry = chains.home(key, table)
    while table[entry] != 0 and words[np.int64(table[entry]) - 1, KEY] != key:
        entry = chains.following(entry, table)
    return entry


@kernel
def index(words: U64, count: int, table: U32) -> None:
    """Enter the first records into an empty index with room for them."""
    for place in range(count):
        table[entry_of(words[place, KEY], words, table)] = place + 1


@kernel
def _decay(time: int, since: int, half_life: float) -> float:
    return float(np.exp2(-max(time - since, 0) / half_life))


@kernel
def read(
    place: np.int64,
    time: int,
    row: int,
    histories: I64,
    last: I64,
    counts: I64,
    step: I64,
    rates: I64,
    half_life: F64,
    prior: F64,
    strength: F64,
    sinces: I64,
    ints: I64,
    reals: F64,
    halves: U32,
    quarters: U16,
    numbers: F64,
    lengths: U8,
    values: U32,
) -> None:
    """Write what a record says at a time: numbers (counts, rates, sinces), and the values of histories."""
    for c in range(len(counts)):
        now, newest, total = time // step[c], ints[place, counts[c]], np.int64(0)
        for number in range(max(newest, now) - STEPS + 1, min(newest, now) + 1):
            total += np.int64(quarters[place, 4 * (counts[c] + 1) + number % STEPS])
        numbers[row, c] = total
    at = len(counts)
    for r in range(len(rates)):
        word = rates[r]
        decay = _decay(time, ints[place, word + 2], half_life[r])
        above, below = reals[place, word] * decay, reals[place, word + 1] * decay
        numbers[row, at] = (above + prior[r] * strength[r]) / (below + strength[r])
        at += 1
    for s in range(len(sinces)):
        if ints[place, sinces[s]] > 0:
            numbers[row, at] = (time - (ints[place, sinces[s]] - 1)) / _MICROSECONDS
        at += 1
    at = 0
    for h in range(len(histories)):
        first = 2 * histories[h]
        held = np.int64(halves[place, first])
        lengths[row, h] = held
        for i in range(held):
            values[row, at + i] = halves[place, first + 1 + i]
        at += last[h]


@kernel
def write(
    place: np.int64,
    time: int,
    kind: int,
    n: np.int64,
    given: U8,
    value: U32,
    histories: I64,
    last: I64,
    counts: I64,
    step: I64,
    counted: Bool,
    rates: I64,
    half_life: F64,
    above: Bool,
    below: Bool,
    sinces: I64,
    dated: Bool,
    ints: I64,
    reals: F64,
    halves: U32,
    quarters: U16,
) -> None:
    """Enter ``n`` events of a time into a record."""
    ints[place, SEEN] = max(ints[place, SEEN], time)
    for c in range(len(counts)):
        if counted[kind, c]:
            now, newest, first = time // step[c], ints[place, counts[c]], 4 * (counts[c] + 1)
            for number in range(max(newest, now - STEPS) + 1, now + 1):
                quarters[place, first + number % STEPS] = 0
            ints[place, counts[c]] = max(newest, now)
            if now > newest - STEPS:
                counter = first + now % STEPS
                quarters[place, counter] = min(np.int64(quarters[place, counter]) + n, MOST)
    for r in range(len(rates)):
        if above[kind, r] or below[kind, r]:
            word = rates[r]
            decay = _decay(time, ints[place, word + 2], half_life[r])
            reals[place, word] = reals[place, word] * decay + np.float64(above[kind, r]) * n
            reals[place, word + 1] = reals[place, word + 1] * decay + np.float64(below[kind, r]) * n
            ints[place, word + 2] = max(ints[place, word + 2], time)
    for s in range(len(sinces)):
        if dated[kind, s]:
            ints[place, sinces[s]] = max(ints[place, sinces[s]], time + 1)
    for h in range(len(histories)):
        if given[h]:
            first = 2 * histories[h]
            held = min(np.int64(halves[place, first]) + 1, last[h])
            for i in range(first + held, first + 1, -1):
                halves[place, i] = halves[place, i - 1]
            halves[place, first + 1] = value[h]
            halves[place, first] = held


@kernel
def follow(
    start: int,
    start_read: int,
    user: U64,
    time: I64,
    type: U8,
    number: I64,
    given: U8,
    value: U32,
    writes: Bool,
    histories: I64,
    last: I64,
    counts: I64,
    step: I64,
    counted: Bool,
    rates: I64,
    half_life: F64,
    prior: F64,
    strength: F64,
    above: Bool,
    below: Bool,
    sinces: I64,
    dated: Bool,
    words: U64,
    ints: I64,
    reals: F64,
    halves: U32,
    quarters: U16,
    table: U32,
    used: int,
    first_number: int,
    numbers: F64,
    lengths: U8,
    values: U32,
) -> tuple[int, int, int]:
    """Let rows that are ordered by time pass: all impressions of one time read before any event of that time writes.

    Args:
        start: the first row that has not written.
        start_read: the first that has not read.
        user: uint64 (n,).
        time: int64 (n,).
        type: uint8 (n,).
        number: int64 (n,): of an impression its number, else -1.
        given: uint8 (n, histories): whether a row adds a value to a history.
        value: uint32 (n, histories): that value.
        writes: bool (n,): whether a row changes a record.
        histories: of ``Rules``, as all up to ``dated``.
        last: of ``Rules``.
        counts: of ``Rules``.
        step: of ``Rules``.
        counted: of ``Rules``.
        rates: of ``Rules``.
        half_life: of ``Rules``.
        prior: of ``Rules``.
        strength: of ``Rules``.
        above: of ``Rules``.
        below: of ``Rules``.
        sinces: of ``Rules``.
        dated: of ``Rules``.
        words: uint64 (records, words).
        ints: the same memory.
        reals: the same memory.
        halves: the same memory.
        quarters: the same memory.
        table: uint32 (entries,): the index of the records.
        used: how many records are in use.
        first_number: the number that the first row of ``numbers`` belongs to.
        numbers: float64 (impressions, counts + rates + sinces): out.
        lengths: uint8 (impressions, histories): out.
        values: uint32 (impressions, values of all histories): out.

    Returns:
        The first row that has not written, because there is no record left for its user, or n; the first that has not
        read; how many records are in use.
    """
    row, reading = start, start_read
    while row < len(time):
        while reading < len(time) and time[reading] <= time[row]:
            place = np.int64(-1)
            if number[reading] >= first_number:
                place = np.int64(table[entry_of(user[reading], words, table)]) - 1
            if place >= 0:
                read(
                    place,
                    time[reading],
                    number[reading] - first_number,
                    histories,
                    last,
                    counts,
                    step,
                    rates,
                    half_life,
                    prior,
                    strength,
                    sinces,
                    ints,
                    reals,
                    halves,
                    quarters,
                    numbers,
                    lengths,
                    values,
                )
            reading += 1
        if writes[row]:
            entry = entry_of(user[row], words, table)
            if table[entry] == 0:
                if used == len(words):
                    return row, reading, used
                words[used] = 0
                words[used, KEY] = user[row]
                used += 1
                table[entry] = used
            write(
                np.int64(table[entry]) - 1,
                time[row],
                type[row],
                np.int64(1),
                given[row],
                value[row],
                histories,
                last,
                counts,
                step,
                counted,
                rates,
                half_life,
                above,
                below,
                sinces,
                dated,
                ints,
                reals,
                halves,
                quarters,
            )
        row += 1
    return row, reading, used
