"""Rows go by time, then by id, whatever order they came in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from udfs.joining.order import by_time


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2**64 - 1))))
def test_as_pairs_are_sorted(pairs: list[tuple[int, int]]) -> None:
    times = np.array([time for time, _ in pairs], np.int64)
    ids = np.array([number for _, number in pairs], np.uint64)
    assert [pairs[row] for row in by_time(times, ids).tolist()] == sorted(pairs)
