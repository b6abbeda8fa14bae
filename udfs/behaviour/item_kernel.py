"""Examples in order of arrival: what each finds in its item's record as of its time, and what it leaves there."""

from __future__ import annotations

import numpy as np

from udfs.behaviour.item_record import POSITIVE, SHOWN
from udfs.behaviour.kernels import MOST, entry_of, read, write
from udfs.behaviour.record import KEY, SEEN, STEPS
from udfs.jit import kernel
from udfs.types import F64, I64, U8, U16, U32, U64, Bool


@kernel
def _enter(
    source: np.int64,
    first: int,
    last_number: int,
    step: int,
    young: int,
    leaving: bool,
    source_quarters: U16,
    place: np.int64,
    none: U8,
    nothing: U32,
    histories: I64,
    last: I64,
    counts: I64,
    count_step: I64,
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
    """Enter the examples of some steps, as of the beginning of each, into what counts for everybody."""
    for number in range(first, last_number + 1):
        at = young + 2 * (number % STEPS)
        for kind in (SHOWN, POSITIVE):
            n = np.int64(source_quarters[source, at + kind])
            if n > 0:
                write(
                    place,
                    number * step,
                    kind,
                    n,
                    none,
                    nothing,
                    histories,
                    last,
                    counts,
                    count_step,
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
            if leaving:
                source_quarters[source, at + kind] = 0


@kernel
def follow(
    start: int,
    item: U64,
    time: I64,
    positive: Bool,
    counting: Bool,
    decided: int,
    step: int,
    width: int,
    none: U8,
    nothing: U32,
    histories: I64,
    last: I64,
    counts: I64,
    count_step: I64,
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
    spare: U64,
    spare_ints: I64,
    spare_reals: F64,
    spare_halves: U32,
    spare_quarters: U16,
    numbers: F64,
    lengths: U8,
    values: U32,
) -> tuple[int, int, int]:
    """Let examples pass: each finds the numbers of its item, and is counted there.

    Args:
        start: the first row.
        item: uint64 (n,): 0 is missing, and finds nothing.
        time: int64 (n,): of the impression.
        positive: bool (n,).
        counting: bool (n,): whether a row is counted; others only find.
        decided: of ``Delay``.
        step: of ``Delay``.
        width: words of a record without the young examples.
        none: uint8 (0,).
        nothing: uint32 (0,).
        histories: of ``Rules``, as all up to ``dated``; there are none.
        last: of ``Rules``.
        counts: of ``Rules``.
        count_step: ``step`` of ``Rules``.
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
        spare: uint64 (1, words): room for one record.
        spare_ints: the same memory.
        spare_reals: the same memory.
        spare_halves: the same memory.
        spare_quarters: the same memory.
        numbers: float64 (n, features): out; those of an item of which nothing is known stand there.
        lengths: uint8 (n, 0).
        values: uint32 (n, 0).

    Returns:
        The first row that has not passed, because there is no record left for its item, or n; how many records are in
        use; how many rows were given up: they are older than what their item's record tells apart, so that they find
        nothing and count nowhere, or there were more in a step than 16 bits count.
    """
    given_up, young = 0, 4 * (width + 1)
    for row in range(start, len(time)):
        if item[row] == 0:
            continue
        mine, known = time[row] // step, (time[row] - decided) // step - 1
        entry = entry_of(item[row], words, table)
        place = np.int64(table[entry]) - 1
        if place < 0:
            if not counting[row]:
                continue
            if used == len(words):
                return row, used, given_up
            words[used] = 0
            words[used, KEY] = item[row]
            ints[used, width] = mine - STEPS
            place = np.int64(used)
            used += 1
            table[entry] = used
        newest = ints[place, width]
        if known < newest:
            given_up += 1
        else:
            for word in range(width):
                spare[0, word] = words[place, word]
            _enter(
                place,
                newest + 1,
                min(known, newest + STEPS),
                step,
                young,
                False,
                quarters,
                np.int64(0),
                none,
                nothing,
                histories,
                last,
                counts,
                count_step,
                counted,
                rates,
                half_life,
                above,
                below,
                sinces,
                dated,
                spare_ints,
                spare_reals,
                spare_halves,
                spare_quarters,
            )
            read(
                np.int64(0),
                (known + 1) * step,
                row,
                histories,
                last,
                counts,
                count_step,
                rates,
                half_life,
                prior,
                strength,
                sinces,
                spare_ints,
                spare_reals,
                spare_halves,
                spare_quarters,
                numbers,
                lengths,
                values,
            )
        if not counting[row] or mine <= newest:
            continue
        _enter(
            place,
            newest + 1,
            min(mine - STEPS, newest + STEPS),
            step,
            young,
            True,
            quarters,
            place,
            none,
            nothing,
            histories,
            last,
            counts,
            count_step,
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
        ints[place, width] = max(newest, mine - STEPS)
        ints[place, SEEN] = max(ints[place, SEEN], time[row])
        at = young + 2 * (mine % STEPS)
        if quarters[place, at] == MOST:
            given_up += 1
        else:
            quarters[place, at] += 1
            quarters[place, at + POSITIVE] += positive[row]
    return len(time), used, given_up
