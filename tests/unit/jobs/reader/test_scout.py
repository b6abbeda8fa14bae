from __future__ import annotations

import pytest

from jobs.reader.scout import MOST_SHARES, Scout


def scout(lanes: int, partitions: int) -> Scout:
    return Scout(("clicks",), lanes, {}, [f"clicks/{i}" for i in range(partitions)])


@pytest.mark.parametrize("partitions", [0, 1, 3, 8, 20])
def test_every_partition_has_one_lane(partitions: int) -> None:
    told = scout(8, partitions)
    found = [part for lane in range(8) for part in told.lane(lane)]
    assert sorted(found) == sorted(f"clicks/{i}" for i in range(partitions))


@pytest.mark.parametrize(
    ("lanes", "partitions", "shares"), [(8, 8, 1), (8, 5, 1), (8, 4, 2), (8, 20, 1), (2, 1, 2), (1, 1, 1)]
)
def test_lanes_without_partitions_leave_their_share_to_others(lanes: int, partitions: int, shares: int) -> None:
    assert scout(lanes, partitions).shares == shares


@pytest.mark.parametrize("partitions", [0, 1])
def test_shares_are_bounded(partitions: int) -> None:
    assert scout(64, partitions).shares == MOST_SHARES
