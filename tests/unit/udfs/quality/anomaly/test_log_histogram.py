"""Quantiles and deviations of the sketch against numpy's, for any numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.quality.anomaly import log_histogram
from udfs.quality.anomaly.log_histogram import ACCURACY, BUCKETS, FORGET, WIDTH, ZERO
from udfs.types import F32, F64

magnitudes = st.floats(1.01e-3, 1.2e8)


@settings(deadline=None)
@given(magnitudes, st.sampled_from([-1.0, 1.0]))
def test_a_bucket_stands_for_what_falls_into_it(size: float, sign: float) -> None:
    found = log_histogram.value_of(log_histogram.bucket_of(sign * size))
    assert found == pytest.approx(sign * size, rel=ACCURACY * 1.01)


@settings(deadline=None)
@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_buckets_are_in_the_order_of_numbers(one: float, other: float) -> None:
    low, high = (log_histogram.bucket_of(value) for value in sorted((one, other)))
    assert 0 <= low <= high < BUCKETS


def test_the_ends() -> None:
    values = [0.0, -0.0, 1e-3, -1e-3, 1e300, math.inf, -math.inf, math.nan]
    expected = [ZERO, ZERO, ZERO, ZERO, BUCKETS - 1, BUCKETS - 1, 0, -1]
    assert [log_histogram.bucket_of(value) for value in values] == expected
    assert log_histogram.value_of(ZERO) == 0.0


def filled(values: F64) -> tuple[F32, float]:
    histogram, total = log_histogram.new(1)[0], 0.0
    for value in values.tolist():
        total = log_histogram.add(histogram, log_histogram.bucket_of(value), 1.0, total)
    return histogram, total


SAMPLES = {
    "prices": np.exp(np.random.default_rng(1).normal(3.0, 1.0, 2001)),
    "both signs": np.random.default_rng(2).normal(0.0, 20.0, 2001),
    "far from zero": np.random.default_rng(3).normal(-500.0, 40.0, 2001),
    "all the same": np.full(101, 7.0),
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_quantiles(name: str, share: float) -> None:
    values = SAMPLES[name]
    found = log_histogram.value_of(log_histogram.quantile(*filled(values), share))
    assert found == pytest.approx(np.quantile(values, share, method="inverted_cdf"), rel=0.03, abs=0.1)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_median_absolute_deviation(name: str) -> None:
    values = SAMPLES[name]
    histogram, total = filled(values)
    middle = log_histogram.quantile(histogram, total, 0.5)
    expected = float(np.median(np.abs(values - np.median(values))))
    found = log_histogram.deviation(histogram, total, middle, False)
    assert found == pytest.approx(expected, rel=0.05, abs=0.03 * abs(float(np.median(values))))


def test_the_deviation_of_logarithms() -> None:
    values = SAMPLES["prices"]
    histogram, total = filled(values)
    found = log_histogram.deviation(histogram, total, log_histogram.quantile(histogram, total, 0.5), True)
    logarithms = np.log(values)
    assert found == pytest.approx(float(np.median(np.abs(logarithms - np.median(logarithms)))), abs=2 * WIDTH)


def test_old_numbers_fade() -> None:
    histogram, total = log_histogram.new(1)[0], FORGET - 1.0
    histogram[3] = FORGET - 1.0
    total = log_histogram.add(histogram, 9, 1.0, total)
    assert (total, histogram[3], histogram[9]) == (FORGET / 2, (FORGET - 1.0) / 2, 0.5)
