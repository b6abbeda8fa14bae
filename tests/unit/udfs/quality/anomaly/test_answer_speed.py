"""Clicks before anybody could have read the page."""

from __future__ import annotations

from tests.unit.udfs.quality.anomaly.streams import clicks, first, in_order, judged, pages, thinking
from udfs.quality.anomaly.user_options import UserOptions, UserReason
from udfs.quality.anomaly.user_rules import UserRules


def answered(after: float) -> list[UserReason]:
    times = thinking(3, 60)
    return judged(UserRules(UserOptions()), in_order(pages(times), clicks(time + after for time in times)))


def test_a_click_at_once_is_no_persons() -> None:
    assert first(answered(0.3), UserReason.HASTY) < 9 * 12


def test_a_click_after_a_second_is() -> None:
    assert UserReason.HASTY not in answered(1.0)


def test_a_click_before_its_page_proves_nothing() -> None:
    times = thinking(3, 60)
    early = [pages([0.0], size=100), *([(1, time - 0.5), *pages([time])] for time in times)]
    assert UserReason.HASTY not in judged(UserRules(UserOptions(page=100)), [event for part in early for event in part])
