"""Rows are found by number until their block is forgotten."""

from __future__ import annotations

import numpy as np

from udfs.frames import Frame, Kind
from udfs.joining.rows import _BLOCK, Rows


def rows_of(numbers: range, parts: list[str] | None = None) -> Frame:
    at = np.array(numbers, np.int64)
    columns = {"impression": at, "time": at * 10, "part": np.zeros(len(at), np.uint16)}
    return Frame(Kind.EVENTS, len(at), {"parts": parts or ["a/0"]}, columns)


def filled(*cuts: int) -> Rows:
    rows = Rows(kept=1000)
    for start, stop in zip((0, *cuts), (*cuts, 2 * _BLOCK + 7), strict=True):
        rows.append(rows_of(range(start, stop), [f"a/{start}"]))
    return rows


def test_rows_come_in_the_order_that_is_asked_for_whatever_the_frames_they_came_in() -> None:
    wanted = np.array([2 * _BLOCK + 1, 5, _BLOCK, 3, _BLOCK - 1, 5])
    for rows in (filled(), filled(4, _BLOCK + 1, 2 * _BLOCK)):
        assert rows.pick(wanted).columns["time"].tolist() == (wanted * 10).tolist()


def test_the_partitions_of_what_is_picked_are_its_own() -> None:
    assert filled(4, _BLOCK).pick(np.array([_BLOCK + 3])).meta["parts"] == [f"a/{_BLOCK}"]


def test_full_blocks_leave_by_age_or_number_and_the_last_stays() -> None:
    rows = filled()
    rows.forget((_BLOCK - 1) * 10 + 1000, 0)
    assert len(rows) == 2 * _BLOCK + 7
    rows.forget((_BLOCK - 1) * 10 + 1001, 0)
    assert rows.known(np.array([0, _BLOCK - 1, _BLOCK])).tolist() == [False, False, True]
    rows.forget(0, 2 * _BLOCK)
    assert len(rows) == 7
    rows.forget(1 << 60, 1 << 60)
    assert len(rows) == 7


def test_restored_they_are_as_they_were() -> None:
    rows, restored = filled(4, 9), Rows(kept=1000)
    restored.load(rows.dump())
    numbers = np.arange(2 * _BLOCK + 7)
    assert restored.pick(numbers).columns["time"].tolist() == rows.pick(numbers).columns["time"].tolist()
    assert [frame.n for frame in restored.dump()] == [_BLOCK, _BLOCK, 7]
