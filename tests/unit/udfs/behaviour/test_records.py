"""Records grow up to their bound; what goes then is in the tests of users' records and of items'."""

from __future__ import annotations

import numpy as np

from udfs.behaviour.record import KEY, SEEN
from udfs.behaviour.records import Records, views


def test_room_is_made_without_losing_any_until_the_bound() -> None:
    records = Records(3, 3000)
    for key in range(3000):
        if records.count == len(records.memory[0]):
            records.make_room()
        records.memory[0][records.count] = (key, 3000 - key, 7)
        records.count += 1
    assert (len(records), records.forgotten) == (3000, 0)
    records.make_room()
    kept = records.dump()
    assert (len(kept), records.forgotten) == (2250, 750)
    assert kept[:, KEY].tolist() == list(range(2250))
    assert int(kept[:, SEEN].min()) == 751


def test_views_are_of_one_memory() -> None:
    words = np.zeros((1, 2), np.uint64)
    _, ints, reals, halves, quarters = views(words)
    reals[0, 1] = 1.0
    assert ints[0, 1] == 0x3FF0 << 48
    assert halves[0].tolist() == [0, 0, 0, 0x3FF00000]
    assert quarters[0].tolist() == [0] * 7 + [0x3FF0]
