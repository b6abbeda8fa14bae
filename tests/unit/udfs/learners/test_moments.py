from __future__ import annotations

import math

import numpy as np

from udfs.learners import moments


def test_equals_numpy_and_ignores_missing() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(1e6, 3.0, (500, 3))
    rows[draw.random(rows.shape) < 0.3] = math.nan
    flags = np.array([True, True, False])
    seen = moments.new(3)
    for row in rows:
        moments.observe(seen, flags, row)
    frozen = moments.freeze(seen, flags)
    np.testing.assert_allclose(frozen["mean"], [*np.nanmean(rows[:, :2], axis=0), 0.0], rtol=1e-12)
    np.testing.assert_allclose(frozen["scale"], [*1.0 / np.nanstd(rows[:, :2], axis=0), 1.0], rtol=1e-9)


def test_missing_and_constant_coordinates_contribute_nothing() -> None:
    flags = np.array([True, True])
    seen = moments.new(2)
    out = np.ones(2)
    for _ in range(3):
        moments.standardise(seen, flags, np.array([5.0, math.nan]), out)
        assert out.tolist() == [0.0, 0.0]
        moments.observe(seen, flags, np.array([5.0, math.nan]))


def test_far_coordinates_are_clipped() -> None:
    assert moments.coordinate(1e300, 0.0, 1.0) == moments.LIMIT
    assert moments.coordinate(-1e300, 0.0, 1.0) == -moments.LIMIT
