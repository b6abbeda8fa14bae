"""Half-space trees: planes from a seed, counts that add up, and scores worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from udfs.errors import ConfigurationError
from udfs.quality.anomaly.half_space_trees import LEAST, Forest, grow, visit
from udfs.types import F32, F64


def empty(forest: Forest) -> F32:
    return np.zeros((forest.trees, forest.nodes), np.float32)


def scores(forest: Forest, rows: F64, before: F32, now: F32) -> list[float]:
    planes, leaves = grow(forest, rows.shape[1]), np.empty(forest.trees, np.int64)
    return [visit(row, *planes, before, now, forest.depth, forest.window, leaves) for row in rows]


def test_the_same_seed_grows_the_same_trees() -> None:
    for one, other, another in zip(*(grow(Forest(seed=seed), 3) for seed in (1, 1, 2)), strict=True):
        assert one.tobytes() == other.tobytes()
        assert one.tobytes() != another.tobytes()


def test_planes_halve_a_range_that_covers_the_interval() -> None:
    forest = Forest(trees=50, depth=3)
    coordinate, cut = grow(forest, 1)
    assert (coordinate == 0).all()
    assert ((cut[:, 1] >= 0) & (cut[:, 1] <= 1)).all()
    assert (cut[:, 2] < cut[:, 1]).all()
    assert (cut[:, 1] < cut[:, 3]).all()
    np.testing.assert_allclose(cut[:, 1] - cut[:, 2], cut[:, 3] - cut[:, 1])


def test_every_example_is_counted_once_at_every_depth() -> None:
    forest = Forest(trees=5, depth=4)
    now = empty(forest)
    scores(forest, np.random.default_rng(1).random((300, 3)), empty(forest), now)
    for depth in range(5):
        assert (now[:, 1 << depth : 2 << depth].sum(axis=1) == 300).all()


def test_where_everything_was_the_score_is_least_and_where_nothing_was_it_is_high() -> None:
    forest = Forest(trees=10, depth=5, window=1000)
    before, now = empty(forest), empty(forest)
    scores(forest, np.full((1000, 2), 0.2), empty(forest), before)
    dense, thin = scores(forest, np.array([[0.2, 0.2], [0.9, 0.9]]), before, now)
    assert dense == LEAST
    assert thin > 5.0


def test_a_score_by_hand() -> None:
    """One tree of depth one, 100 of 400 on the side of the example: half the even share, so one more than the depth."""
    forest = Forest(trees=1, depth=1, window=400)
    before = empty(forest)
    before[0, 1:4] = [400, 100, 300]
    cut = grow(forest, 1)[1][0, 1]
    found = scores(forest, np.array([[cut - 1e-6]]), before, empty(forest))[0]
    assert found == pytest.approx(1.0 - (math.log2(100.5 / 400) + 1.0))


def test_a_node_that_was_nearly_empty_is_not_looked_into() -> None:
    forest = Forest(trees=1, depth=2, window=1000)
    before = empty(forest)
    before[0, 1] = 10
    found = scores(forest, np.array([[0.5]]), before, empty(forest))[0]
    assert found == pytest.approx(2.0 - math.log2(10.5 / 1000))


@pytest.mark.parametrize("name", ["trees", "depth", "window"])
def test_options_out_of_range_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is 0"):
        Forest(**{name: 0})
