"""Rows leave by slots, in order of arrival, whatever frames they came in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from udfs.frames import Frame, Kind
from udfs.joining import slots as module
from udfs.joining.slots import Slots

WIDTH = 10
frames = st.lists(st.lists(st.integers(0, 400), max_size=8), max_size=12)


def frame_of(times: list[int], number: int) -> Frame:
    rows = np.arange(number, number + len(times))
    columns = {"row": rows, "part": (rows % 3).astype(np.uint16)}
    return Frame(Kind.EVENTS, len(times), {"parts": ["a", "b", "c"]}, columns)


def filled(cut: list[list[int]], earliest: int = 0) -> Slots:
    slots, number = Slots(WIDTH), 0
    for times in cut:
        slots.add(frame_of(times, number), np.array(times, np.int64), earliest)
        number += len(times)
    return slots


def expected(cut: list[list[int]], first: int, last: int, earliest: int = 0) -> list[int]:
    every = [max(time // WIDTH, earliest) for times in cut for time in times]
    return [row for row, slot in enumerate(every) if first <= slot <= last]


def rows_of(slots: Slots, first: int, last: int) -> list[int]:
    return [row for _, rows in slots.batches(first, last) for row in rows.columns["row"].tolist()]


@given(frames, st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_rows_of_some_slots_leave_in_order_of_arrival(cut: list[list[int]], first: int, last: int, early: int) -> None:
    assert rows_of(filled(cut, early), first, last) == expected(cut, first, last, early)


@given(frames, st.integers(0, 40), st.integers(0, 40))
def test_what_is_dropped_is_gone_and_counted(cut: list[list[int]], last: int, again: int) -> None:
    slots = filled(cut)
    assert slots.drop(last) == len(expected(cut, 0, last))
    assert rows_of(slots, 0, 40) == expected(cut, last + 1, 40)
    slots.drop(again)
    assert rows_of(slots, 0, 40) == expected(cut, max(last, again) + 1, 40)
    assert len(slots) == len(expected(cut, max(last, again) + 1, 40))


@given(frames, st.integers(0, 20))
def test_the_oldest_slots_make_room(cut: list[list[int]], kept: int) -> None:
    slots = filled(cut)
    every = [time // WIDTH for times in cut for time in times]
    left = [slot for slot in sorted(set(every)) if sum(other >= slot for other in every) <= kept]
    gone = slots.drop_oldest(kept) if every else 0
    assert gone == sum(slot not in left for slot in every)
    assert len(slots) == len(every) - gone <= kept or not every


@given(frames, st.data())
def test_how_rows_were_cut_does_not_show(cut: list[list[int]], data: st.DataObject) -> None:
    times = [time for part in cut for time in part]
    ends = sorted(data.draw(st.lists(st.integers(0, len(times)), max_size=4)))
    other = [times[start:stop] for start, stop in zip([0, *ends], [*ends, len(times)], strict=True)]
    last = data.draw(st.integers(0, 20))
    mine, theirs = filled(cut), filled(other)
    mine.drop(last)
    theirs.drop(last)
    assert [(f.meta, {n: c.tolist() for n, c in f.columns.items()}) for f in mine.dump()] == [
        (f.meta, {n: c.tolist() for n, c in f.columns.items()}) for f in theirs.dump()
    ]
    loaded = Slots(WIDTH)
    loaded.load(mine.dump())
    assert rows_of(loaded, 0, 40) == rows_of(theirs, 0, 40)


def test_many_rows_leave_in_batches_that_end_with_a_slot() -> None:
    ordered = np.arange(3 * module._ROWS) // 3 * WIDTH
    times = np.random.default_rng(1).permutation(ordered)
    slots = Slots(WIDTH)
    for part in np.array_split(np.arange(len(times)), 5):
        slots.add(frame_of(times[part].tolist(), int(part[0])), times[part], 0)
    slots.drop(2)
    batches = [(last, rows.columns["row"]) for last, rows in slots.batches(0, 1 << 40)]
    assert [len(rows) for _, rows in batches[:-1]] == [module._ROWS // 3 * 3 + 3] * (len(batches) - 1)
    assert [int(times[rows].max()) // WIDTH for _, rows in batches] == [last for last, _ in batches]
    assert (np.sort(times[np.concatenate([rows for _, rows in batches])]) == ordered[9:]).all()
    assert batches[-1][0] == ordered[-1] // WIDTH
