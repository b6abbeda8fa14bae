"""Bets on who clicks an item: fair for people, and learned from them."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.quality.anomaly import crowd, keyed_table
from udfs.quality.anomaly.item_record import BITS, RECORD


def test_a_known_clicker_counts_for_less_the_more_bits_are_set() -> None:
    gains = []
    for filled in (0, 40, 90):
        record = keyed_table.new(4, RECORD)[0]
        record["filled"] = filled
        crowd.returns(record, True, crowd.assumed(), 10.0)
        gains.append(float(record["crowd"]))
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == pytest.approx(np.log(0.9 / crowd.RETURNS))


def test_how_often_people_return_is_learned_without_what_the_sketch_mistakes() -> None:
    rng = np.random.default_rng(1)
    counts, record = crowd.assumed(), keyed_table.new(4, RECORD)[0]
    for _ in range(50_000):
        filled = int(rng.integers(0, BITS // 2))
        record["filled"] = filled
        known = bool(rng.random() < 0.5 or rng.random() < filled / BITS)
        crowd.returns(record, known, counts, 1e9)
    assert counts[0, 0] / counts[0, 1] == pytest.approx(0.5, abs=0.01)


def test_where_many_accounts_are_young_youth_counts_for_little() -> None:
    counts, (record, later, other) = crowd.assumed(), keyed_table.new(4, RECORD)[:3]
    crowd.youth(record, True, counts, 10.0)
    for i in range(20_000):
        crowd.youth(other, i % 5 != 0, counts, 1e9)
    crowd.youth(later, True, counts, 10.0)
    assert later["young"] < 0.25 * record["young"]
    assert later["young"] > 0.0


def test_older_clicks_fade() -> None:
    counts = crowd.assumed()
    counts[1] = [3e5, 1e6 - 1]
    crowd.youth(keyed_table.new(4, RECORD)[0], False, counts, 10.0)
    assert counts[1].tolist() == [1.5e5, 5e5]
