"""The index finds every id of its log and no other, at any fill."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.quality import id_index
from udfs.types import U64


def ids(count: int, low: int) -> U64:
    """Different ids whose searches begin at few places and whose tags are few."""
    words = np.arange(count, dtype=np.uint64)
    return np.stack((words % np.uint64(low), words), axis=1)


@pytest.mark.parametrize("bits", [11, 31])
@pytest.mark.parametrize("low", [1, 7, 1 << 40])
def test_it_finds_what_is_in_the_log(bits: int, low: int) -> None:
    log = ids(1000, low)
    table = id_index.new(0)
    count = min(len(log), id_index.limit(table))
    id_index.fill(log, count, table, bits)
    assert np.count_nonzero(table) == count
    found = [id_index.find(log, row, log, table, bits)[0] for row in range(len(log))]
    assert found == [*range(count), *[-1] * (len(log) - count)]


def test_there_is_room_for_twice_as_many() -> None:
    for count in (600, 10_000, 1_000_003):
        assert 2 * count - 2 <= id_index.limit(id_index.new(count)) <= 2 * count
