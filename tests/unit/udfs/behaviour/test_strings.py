"""Strings by hash, bounded."""

from __future__ import annotations

from udfs.behaviour.strings import MAX_LENGTH, MAX_STRINGS, Strings


def test_what_came_up_last_is_kept() -> None:
    strings = Strings()
    for number in range(MAX_STRINGS):
        strings.add(number, str(number))
    strings.add(0, "0")
    strings.add(MAX_STRINGS, "new")
    assert strings.of([0, 2, MAX_STRINGS]) == ["0", "2", "new"]
    assert strings.of([0, 1]) is None
    assert strings.of([]) == []


def test_a_string_that_is_too_long_is_not_kept() -> None:
    strings = Strings()
    strings.add(1, "x" * MAX_LENGTH)
    strings.add(2, "x" * (MAX_LENGTH + 1))
    assert strings.of([1]) == ["x" * MAX_LENGTH]
    assert strings.of([2]) is None


def test_what_is_loaded_is_forgotten_in_the_same_order() -> None:
    one, other = Strings(), Strings()
    for number in (3, 1, 2):
        one.add(number, str(number))
    other.load(one.dump())
    assert other.dump() == one.dump() == [(3, "3"), (1, "1"), (2, "2")]
