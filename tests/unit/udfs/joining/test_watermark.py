"""The least time of the lanes that are awaited; of quiet ones the greatest."""

from __future__ import annotations

from udfs.joining.watermark import Watermark


def told(*times: tuple[int, bool], epoch: int = 1) -> Watermark:
    watermark = Watermark(3)
    for lane, (low, quiet) in enumerate(times):
        watermark.note(lane, low, quiet, epoch)
    return watermark


def test_until_every_lane_has_told_there_is_no_time() -> None:
    assert told((5, False), (7, False)).low == 0
    assert told((5, False), (7, False), (6, False)).low == 5


def test_a_quiet_lane_holds_nothing_back_and_brings_nothing_forward() -> None:
    assert told((5, True), (7, False), (9, False)).low == 7
    assert told((50, True), (7, False), (9, False)).low == 7
    assert told((5, True), (7, True), (6, True)).low == 7


def test_another_start_asks_all_anew_and_an_older_one_is_not_heard() -> None:
    watermark = told((5, False), (7, False), (6, False))
    watermark.note(0, 9, False, 2)
    assert watermark.low == 0
    watermark.note(1, 9, False, 1)
    watermark.note(1, 10, False, 2)
    watermark.note(2, 11, False, 2)
    assert watermark.low == 9


def test_it_comes_back_as_it_was() -> None:
    watermark, again = told((5, True), (7, False), (6, True)), Watermark(3)
    again.load(watermark.dump())
    assert (again.low, again.dump()) == (7, watermark.dump())
