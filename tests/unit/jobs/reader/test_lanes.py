from __future__ import annotations

import pytest

from jobs.reader.lanes import lane_of


@pytest.mark.parametrize("lanes", [2, 4, 8, 16, 64])
@pytest.mark.parametrize("name", ["clicks/{}", "/in/part-{:05}.ndjson", "s3://shop/2026-11-{:02}.json.gz"])
def test_neighbours_are_spread_over_both_halves(lanes: int, name: str) -> None:
    found = [lane_of(name.format(i), lanes) for i in range(lanes)]
    assert sorted(found) == list(range(lanes))
    halves = [lane * 2 // lanes for lane in found]
    assert all(a != b for a, b in zip(halves[::2], halves[1::2], strict=True))


@pytest.mark.parametrize("lanes", [1, 3, 6, 10])
def test_any_number_of_lanes_is_used_in_turn(lanes: int) -> None:
    assert {lane_of(f"clicks/{i}", lanes) for i in range(lanes)} == set(range(lanes))


def test_names_without_numbers_have_a_lane_each_by_hash() -> None:
    assert len({lane_of(f"/in/{letter}.json", 8) for letter in "abcdefghijklmnop"}) > 3
