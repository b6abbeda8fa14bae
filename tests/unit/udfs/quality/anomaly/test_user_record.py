"""A user's record is a cache line without padding, and knows when its newest page began."""

from __future__ import annotations

import pytest

from udfs.quality.anomaly import keyed_table
from udfs.quality.anomaly.user_record import RECORD, since_page


def test_no_byte_is_left_unset() -> None:
    assert RECORD.itemsize == sum(RECORD[name].itemsize for name in RECORD.names or ()) == keyed_table.LINE


@pytest.mark.parametrize(("time", "expected"), [(10_000_000, 2500), (10_400_999, 2900), (7_000_000, -500)])
def test_time_since_the_page_began(time: int, expected: int) -> None:
    record = keyed_table.new(4, RECORD)[0]
    record["last"], record["age"] = 10_000_000, 2500
    assert since_page(record, time) == expected
