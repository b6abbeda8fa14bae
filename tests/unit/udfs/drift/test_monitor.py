from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from udfs.drift.monitor import Monitor, watched
from udfs.features import Batch, Space
from udfs.schema import Drift, FeatureSet, Number, Vector
from udfs.types import F64

SPACE = Space.of(
    FeatureSet(seed=1, features={"v": Vector(field="v", length=3), "price": Number(field="price")}), ("v", "price")
)
N = 4_000


def batch(label: F64, price: F64 | None = None, weight: F64 | None = None) -> Batch:
    n = len(label)
    dense = np.full((n, 4), math.nan)
    dense[:, 3] = np.zeros(n) if price is None else price
    return Batch(
        np.zeros(n + 1, np.int32),
        np.zeros(0, np.uint32),
        np.zeros(0, np.float32),
        np.zeros(0, np.uint16),
        dense,
        label,
        np.ones(n) if weight is None else weight,
        np.arange(n, dtype=np.int64),
    )


def monitor(binary: bool = True, **rules: Any) -> Monitor:
    return Monitor(Drift(warmup=500, **rules), SPACE, binary)


def noise(seed: int) -> F64:
    return np.random.default_rng(seed).random(N)


def test_streams_have_names() -> None:
    assert watched(None) == ()
    assert watched(Drift(of="residual", features=("price",))) == ("residual", "features.price")


@pytest.mark.parametrize("of", ["loss", "residual"])
def test_errors_are_log_losses_and_residuals(of: Any) -> None:
    scores, label = np.full(N, 0.25), (noise(1) < 0.25).astype(np.float64)
    watching = monitor(of=of)
    assert not watching.observe(scores, batch(label), 0)
    expected = np.where(label == 1.0, -math.log(0.25), -math.log(0.75)) if of == "loss" else label - 0.25
    assert watching.report()[of]["estimate"] == pytest.approx(expected[500:].mean())


def test_of_a_regression_the_absolute_error_is_watched() -> None:
    label = noise(1)
    watching = monitor(binary=False)
    watching.observe(np.full(N, 0.5), batch(label), 0)
    assert watching.report()["loss"]["estimate"] == pytest.approx(np.abs(label - 0.5)[500:].mean())


def test_a_loss_that_rises_is_worse_and_one_that_falls_is_not() -> None:
    label = np.where(np.arange(N) < N / 2, noise(1) < 0.05, noise(2) < 0.5).astype(np.float64)
    scores = np.full(N, 0.05)
    assert monitor().observe(scores, batch(label), 0)
    falling = monitor()
    assert not falling.observe(scores, batch(label[::-1].copy()), 0)
    assert falling.report()["loss"]["changes"] >= 1


def test_a_residual_that_moves_either_way_is_worse() -> None:
    label = np.where(np.arange(N) < N / 2, noise(1) < 0.05, noise(2) < 0.5).astype(np.float64)
    for labels, score in ((label, 0.05), (label[::-1].copy(), 0.5)):
        assert monitor(of="residual").observe(np.full(N, score), batch(labels), 0)


def test_a_number_that_changes_is_told_and_is_no_error() -> None:
    price = noise(3) + np.where(np.arange(N) < N / 2, 0.0, 5.0)
    watching = monitor(features=("price",))
    assert not watching.observe(np.full(N, 0.5), batch((noise(4) < 0.5).astype(np.float64), price), 0)
    assert watching.report()["features.price"]["rises"] >= 1


def test_examples_of_no_weight_are_passed_over_and_counted() -> None:
    weight = np.where(np.arange(N) % 2, 1.0, 0.0)
    label = np.where(weight > 0.0, 0.0, 1.0)
    watching = monitor(features=("price",))
    watching.observe(np.full(N, 0.1), batch(label, weight=weight), 0)
    assert [told["skipped"] for told in watching.report().values()] == [N // 2, N // 2]
    assert watching.report()["loss"]["estimate"] == pytest.approx(-math.log(0.9))


def test_scores_of_exactly_0_and_1_have_a_finite_loss() -> None:
    watching = monitor()
    watching.observe((noise(5) < 0.5).astype(np.float64), batch((noise(6) < 0.5).astype(np.float64)), 0)
    assert math.isfinite(watching.report()["loss"]["estimate"])


def test_raw_bytes_restore_it() -> None:
    one, other = monitor(features=("price",)), monitor(features=("price",))
    label = (noise(7) < 0.3).astype(np.float64)
    one.observe(np.full(N, 0.3), batch(label, noise(8)), 0)
    other.load({name: array.copy() for name, array in one.dump().items()})
    for each in (one, other):
        each.observe(np.full(N, 0.5), batch(label, noise(9) + 3.0), N)
    assert one.report() == other.report()
