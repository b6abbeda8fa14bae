"""Every bucket hears of time in the end, and nobody twice for nothing."""

from __future__ import annotations

from jobs.reader.heard import SECOND, Heard

ALL = [0, 1, 2]


def test_all_are_told_once_there_is_no_more_to_read() -> None:
    heard = Heard(3)
    assert heard.to_tell(0, 7, False, 1, {0, 1}, more=False) == ALL
    assert heard.to_tell(0, 7, False, 2, (), more=False) == []
    assert heard.to_tell(0, 7, True, 3, (), more=False) == ALL
    assert heard.to_tell(1, 7, True, 3, (), more=False) == ALL


def test_who_gets_events_hears_with_the_next_while_there_is_more() -> None:
    heard = Heard(3)
    assert heard.to_tell(0, 7, False, SECOND, {0, 2}, more=True) == [1]
    assert heard.to_tell(0, 8, False, SECOND + 1, {0, 1}, more=True) == []
    assert heard.to_tell(0, 9, False, 2 * SECOND, {0, 1}, more=True) == [2]


def test_who_was_spared_is_told_when_nothing_more_comes() -> None:
    heard = Heard(3)
    assert heard.to_tell(0, 7, False, SECOND, {0, 1, 2}, more=True) == []
    assert heard.to_tell(0, 7, False, SECOND + 1, (), more=False) == ALL
    assert heard.to_tell(0, 7, False, SECOND + 2, (), more=False) == []


def test_time_that_events_brought_to_all_is_not_told_again() -> None:
    heard = Heard(3)
    heard.with_events(0, 7, {0, 1, 2})
    assert heard.to_tell(0, 7, False, 1, {0, 1, 2}, more=False) == []
    heard.with_events(0, 8, {0})
    assert heard.to_tell(0, 8, False, 2, {0}, more=False) == ALL


def test_a_lane_that_was_quiet_wakes_for_all() -> None:
    heard = Heard(3)
    assert heard.to_tell(0, 7, True, 1, (), more=False) == ALL
    heard.with_events(0, 7, {1})
    assert heard.to_tell(0, 7, False, 2, {1}, more=False) == ALL
