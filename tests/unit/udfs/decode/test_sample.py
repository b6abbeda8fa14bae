"""Which events ride along."""

from __future__ import annotations

import numpy as np

from udfs.decode.sample import ONE_IN, chosen


def test_what_belongs_to_a_search_rides_along_with_it_and_all_else_by_its_own_hash() -> None:
    ids = np.array([(1, 0), (1, 1), (1, ONE_IN), (1, 3)], np.uint64)
    assert chosen(ids).tolist() == [True, False, True, False]
    search = np.array([0, 0, 7, 3 * ONE_IN], np.uint64)
    assert chosen(ids, search).tolist() == [True, False, False, True]
