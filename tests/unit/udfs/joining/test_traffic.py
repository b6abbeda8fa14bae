"""The ratio of traffic at two times."""

from __future__ import annotations

import numpy as np

from udfs.joining.traffic import Traffic
from udfs.types import I64

MINUTE = 60_000_000
HOUR = 60 * MINUTE


def shown(per_minute: list[int]) -> Traffic:
    traffic = Traffic(reach=HOUR)
    traffic.add(np.repeat(np.arange(len(per_minute)), per_minute) * MINUTE)
    return traffic


def at(*minutes: int) -> I64:
    return np.array(minutes) * MINUTE


def test_it_is_one_where_traffic_does_not_change_even_near_its_beginning() -> None:
    np.testing.assert_allclose(shown([5] * 200).ratio(at(1, 10, 100), at(30, 60, 200)), 1.0)


def test_traffic_is_that_of_the_hour_before() -> None:
    traffic = shown([10] * 60 + [20] * 60 + [0] * 60)
    np.testing.assert_allclose(traffic.ratio(at(60, 90, 120), at(120, 120, 60)), [0.5, 0.75, 2.0])


def test_it_is_bounded_and_none_before_the_first_impression() -> None:
    traffic = shown([100] * 60 + [1] * 60)
    assert traffic.ratio(at(60, -5), at(120, 60)).tolist() == [4.0, 0.0]


def test_an_impression_alone_in_its_hour_weighs_nothing() -> None:
    assert shown([100] * 60).ratio(at(60), at(150)).tolist() == [0.0]


def test_what_is_out_of_reach_is_forgotten() -> None:
    traffic = shown([5] * 300)
    before = traffic.ratio(at(240), at(300))
    traffic.forget(300 * MINUTE)
    assert len(traffic.dump()[1]) == 122
    assert traffic.ratio(at(240), at(300)).tolist() == before.tolist()


def test_restored_it_is_as_it_was() -> None:
    traffic, restored = shown([3, 4, 5]), Traffic(reach=HOUR)
    restored.load(*traffic.dump())
    assert restored.dump() == traffic.dump()
