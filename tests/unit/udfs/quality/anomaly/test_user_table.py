"""A table of users holds what was put into it, aligned to cache lines, whatever the users' numbers."""

from __future__ import annotations

import numpy as np

from udfs.quality.anomaly import user_table
from udfs.quality.anomaly.user_record import RECORD


def test_a_record_is_a_cache_line() -> None:
    assert RECORD.itemsize == 64
    assert user_table.new(8).ctypes.data % 64 == 0
    assert user_table.new(8).shape == (8,)


def test_everybody_is_found_and_listed_by_time() -> None:
    table = user_table.new(1024)
    records = np.zeros(user_table.limit(table), RECORD)
    records["user"] = np.arange(len(records)) * 1024
    records["last"] = np.random.default_rng(1).integers(0, 50, len(records))
    records["seen"] = 1
    user_table.fill(table, records)
    for record in records:
        assert table[user_table.find(record["user"], table)] == record
    listed = user_table.users_of(table)
    assert listed.tolist() == sorted(records.tolist(), key=lambda record: (record[1], record[0]))


def test_consecutive_numbers_spread() -> None:
    table = user_table.new(1024)
    homes = {int(user_table.home(np.uint64(user), table)) for user in range(1024)}
    assert len(homes) > 600
