"""What impressions found is kept for as long as their rows wait."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.behaviour.frozen import Frozen
from udfs.errors import StateError
from udfs.types import I64


def make() -> Frozen:
    return Frozen(np.array([0.5, np.nan]), 1, 3)


def fill(frozen: Frozen, start: int, stop: int, oldest: int) -> None:
    """Add impressions one hundred at a time, each with its own number as a value."""
    for first in range(start, stop, 100):
        numbers: I64 = np.arange(first, first + 100)
        frozen.append(numbers, lambda otherwise: min(oldest, otherwise))
        base, values, lengths, found = frozen.arrays
        values[numbers - base, 0], lengths[numbers - base, 0], found[numbers - base, 0] = numbers, 1, numbers


def test_a_user_of_whom_nothing_is_known() -> None:
    frozen = make()
    frozen.append(np.arange(7, 9), lambda otherwise: otherwise)
    numbers, lengths, found = frozen.of(np.array([8, 7]))
    np.testing.assert_array_equal(numbers, [[0.5, np.nan]] * 2)
    assert not lengths.any()
    assert not found.any()


def test_rows_that_left_make_room_and_the_others_stay() -> None:
    frozen = make()
    fill(frozen, 0, 1000, 0)
    fill(frozen, 1000, 9000, 950)
    numbers, lengths, found = frozen.of(np.array([950, 8999]))
    assert numbers[:, 0].tolist() == found[:, 0].tolist() == [950, 8999]
    assert lengths.tolist() == [[1], [1]]
    with pytest.raises(StateError, match="given up"):
        frozen.of(np.array([949]))


def test_a_dump_holds_the_rows_that_have_not_left() -> None:
    frozen, other = make(), make()
    fill(frozen, 0, 1000, 0)
    first, arrays = frozen.dump(lambda _: 990)
    assert (first, len(arrays["numbers"])) == (990, 10)
    other.load(first, arrays)
    np.testing.assert_array_equal(other.of(np.arange(990, 1000))[0], frozen.of(np.arange(990, 1000))[0])
    fill(other, 1000, 2000, 995)
    assert other.of(np.array([995, 1999]))[0][:, 0].tolist() == [995, 1999]
    first, arrays = other.dump(lambda otherwise: otherwise)
    assert (first, len(arrays["numbers"])) == (2000, 0)
