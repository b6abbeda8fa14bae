"""A table of records holds what was put into it, aligned to cache lines, whatever the keys."""

from __future__ import annotations

import numpy as np

from udfs.quality.anomaly import keyed_table
from udfs.quality.anomaly.user_record import RECORD


def test_a_record_is_a_cache_line() -> None:
    assert RECORD.itemsize == 64
    assert keyed_table.new(8, RECORD).ctypes.data % 64 == 0
    assert keyed_table.new(8, RECORD).shape == (8,)


def test_everybody_is_found_and_listed_by_time() -> None:
    table = keyed_table.new(1024, RECORD)
    records = np.zeros(keyed_table.limit(table), RECORD)
    records["key"] = np.arange(len(records)) * 1024
    records["last"] = np.random.default_rng(1).integers(0, 50, len(records))
    records["seen"] = 1
    keyed_table.fill(table, records)
    for record in records:
        assert table[keyed_table.find(record["key"], table)] == record
    listed = keyed_table.records_of(table)
    assert listed.tolist() == sorted(records.tolist(), key=lambda record: (record[1], record[0]))


def test_consecutive_numbers_spread() -> None:
    table = keyed_table.new(1024, RECORD)
    homes = {int(keyed_table.home(np.uint64(user), table)) for user in range(1024)}
    assert len(homes) > 600
