"""What waits for its time, what comes behind it, and rows that leave early; the law is in tests/laws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.unit.udfs.behaviour.described import CLICK, JOIN, VIEW, Event, frame, layout
from udfs.behaviour.behaviour import Behaviour
from udfs.frames import Frame
from udfs.joining.joiner import UNIT

ALL = np.ones(1, np.bool_)


def make() -> Behaviour:
    return Behaviour(layout(), JOIN, UNIT)


def click(behaviour: Behaviour, time: int, item: int = 9) -> None:
    behaviour.note(frame([Event(CLICK, time, item=item)]), ALL)


def show(behaviour: Behaviour, time: int, number: int) -> Frame:
    """Show one impression; return its row as it waits."""
    row = frame([Event(VIEW, time)])
    behaviour.show(row, np.array([number]), lambda _: 0)
    return Frame(row.kind, 1, row.meta, {**row.columns, "impression": np.array([number])}, row.ragged)


def numbers(behaviour: Behaviour, row: Frame) -> list[float]:
    """Return what a row leaves with: the count, the rate, and the seconds since the last click."""
    found: list[float] = behaviour.complete(row).columns["number"][0].tolist()
    return found


def test_known_values() -> None:
    behaviour = make()
    for time, item in ((20, 5), (24, 6), (28, 7), (30, 8)):
        click(behaviour, time * UNIT, item)
    click(behaviour, 32 * UNIT, 9)
    show(behaviour, 28 * UNIT, 0)
    row = show(behaviour, 32 * UNIT, 1)
    behaviour.advance(400 * UNIT)
    # Clicks at 20, 24, 28 and 30 and the view at 28 count, the click at 32 does not: it is not before.
    above = 2**-1.5 + 2**-1.0 + 2**-0.5 + 2**-0.25
    assert numbers(behaviour, row) == pytest.approx([5.0, (above + 0.5) / (2**-0.5 + 2.0), 2.0])
    assert behaviour.complete(row).ragged["multiple.last"].row(0).tolist() == [8, 7, 6]


def test_a_window_begins_with_a_step() -> None:
    behaviour = make()
    for time in (16 * UNIT - 1, 16 * UNIT):
        click(behaviour, time)
    row = show(behaviour, 31 * UNIT + 999_999, 0)
    behaviour.advance(400 * UNIT)
    assert numbers(behaviour, row)[0] == 1.0


def test_a_user_of_whom_nothing_is_known() -> None:
    behaviour = make()
    row = show(behaviour, 5 * UNIT, 0)
    behaviour.advance(400 * UNIT)
    count, rate, since = numbers(behaviour, row)
    assert (count, rate) == (0.0, 0.25)
    assert math.isnan(since)


def test_what_comes_behind_the_time_that_passed_is_counted_and_changes_nothing() -> None:
    behaviour = make()
    behaviour.advance(120 * UNIT)
    click(behaviour, 119 * UNIT)
    click(behaviour, 121 * UNIT)
    row = show(behaviour, 122 * UNIT, 0)
    behaviour.advance(400 * UNIT)
    assert numbers(behaviour, row)[::2] == [1.0, 1.0]
    assert behaviour.state["behaviour_behind"] == 1


def test_a_row_may_leave_as_soon_as_time_has_passed_it() -> None:
    behaviour = make()
    click(behaviour, 121 * UNIT)
    row = show(behaviour, 122 * UNIT, 0)
    click(behaviour, 123 * UNIT)
    behaviour.advance(123 * UNIT)
    assert numbers(behaviour, row)[::2] == [1.0, 1.0]
    click(behaviour, 122 * UNIT)
    later = show(behaviour, 124 * UNIT, 1)
    behaviour.advance(400 * UNIT)
    assert numbers(behaviour, later)[::2] == [3.0, 1.0]
    assert behaviour.state["behaviour_behind"] == 1


def test_what_comes_after_the_end_finds_time_where_it_was() -> None:
    behaviour = make()
    click(behaviour, 500 * UNIT)
    behaviour.advance(1 << 62)
    behaviour.rewind(100 * UNIT)
    click(behaviour, 101 * UNIT)
    row = show(behaviour, 102 * UNIT, 0)
    behaviour.advance(400 * UNIT)
    count, rate, _ = numbers(behaviour, row)
    assert count == 0.0
    assert math.isfinite(rate)
    assert behaviour.state["behaviour_behind"] == 0
