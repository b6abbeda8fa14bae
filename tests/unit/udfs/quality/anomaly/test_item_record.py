"""The sketch of an item's clickers holds who was entered, and few others, until it is half full."""

from __future__ import annotations

import numpy as np

from udfs.quality.anomaly import keyed_table
from udfs.quality.anomaly.item_record import BITS, RECORD, enter, holds, place_of


def test_no_byte_is_left_unset() -> None:
    assert RECORD.itemsize == sum(RECORD[name].itemsize for name in RECORD.names or ()) == keyed_table.LINE


def test_every_bit_is_there_once() -> None:
    record = keyed_table.new(4, RECORD)[0]
    for place in range(BITS // 2):
        bit = np.uint64(place * 2 + 1)
        assert not holds(record, bit)
        enter(record, bit)
        assert holds(record, bit)
    assert record["filled"] == BITS // 2
    assert sum(bin(int(record[word])).count("1") for word in ("low", "middle", "high")) == BITS // 2


def test_a_half_full_sketch_is_emptied() -> None:
    record = keyed_table.new(4, RECORD)[0]
    for place in range(BITS // 2):
        enter(record, np.uint64(place))
    enter(record, np.uint64(150))
    assert (record["filled"], holds(record, np.uint64(150)), holds(record, np.uint64(3))) == (1, True, False)


def test_users_spread_over_the_bits_and_otherwise_on_every_item() -> None:
    one, other = keyed_table.new(4, RECORD)[:2]
    one["key"], other["key"] = 1, 2
    places = [int(place_of(np.uint64(user), one)) for user in range(20_000)]
    counts = np.bincount(places, minlength=BITS)
    assert len(counts) == BITS
    assert counts.min() > 20_000 / BITS * 0.5
    assert places[:50] != [int(place_of(np.uint64(user), other)) for user in range(50)]
