"""Outliers are found by category and side, good numbers seldom; any cutting, any restore; bounded memory."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.errors import ConfigurationError, StateError
from udfs.quality.anomaly import log_histogram
from udfs.quality.anomaly.outlier_options import OutlierOptions, OutlierReason
from udfs.quality.anomaly.outliers import Outliers
from udfs.types import F64, I64, U8

values = st.floats(0.5, 2.0) | st.sampled_from([1.0, 100.0, 0.01, -3.0, 0.0]) | st.floats()
rows = st.lists(st.tuples(st.integers(0, 8), values), max_size=300)
Rows = list[tuple[int, float]]


def options() -> OutlierOptions:
    return OutlierOptions(max_categories=5, learn=5, error=0.05)


def update(outliers: Outliers, found: Rows) -> U8:
    categories = np.array([category for category, _ in found], np.uint64)
    return outliers.update(categories, np.array([value for _, value in found], np.float64))


def dumped(outliers: Outliers) -> list[bytes]:
    return [bytes(part) for part in outliers.dump()]


@settings(deadline=None, max_examples=150)
@given(found=rows, cut=st.lists(st.integers(0, 300), max_size=5))
def test_any_cutting_and_any_restore_gives_the_same(found: Rows, cut: list[int]) -> None:
    whole, parts, again = Outliers(options()), Outliers(options()), Outliers(options())
    expected = update(whole, found).tolist()
    reasons: list[int] = []
    for start, stop in itertools.pairwise([0, *sorted(cut), max(len(found), *cut, 0)]):
        reasons += update(parts, found[start:stop]).tolist()
        stored = dumped(parts)
        parts = Outliers(options())
        parts.load(stored)
        assert dumped(parts) == stored
    assert reasons == expected
    assert dumped(parts) == dumped(whole)
    assert update(again, found).tolist() == expected
    assert dumped(again) == dumped(whole)


def prices(seed: int, n: int = 20_000) -> tuple[I64, F64]:
    """Categories and prices of theirs, of another order each, log-normal."""
    rng = np.random.default_rng(seed)
    categories = rng.integers(0, 20, n)
    medians = np.exp(np.random.default_rng(0).normal(3.0, 1.5, 20))
    return categories, medians[categories] * np.exp(rng.normal(0.0, 0.5, n))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_unit_that_changes_is_found_for_as_long_as_it_lasts(seed: int) -> None:
    categories, found = prices(seed)
    found[15_000:16_000] *= 100.0
    found[18_000:18_100] /= 100.0
    reasons = Outliers(OutlierOptions()).update(categories.astype(np.uint64), found)
    assert (reasons[15_000:16_000] == OutlierReason.HIGH).mean() > 0.98
    assert (reasons[18_000:18_100] == OutlierReason.LOW).mean() > 0.95
    good = np.r_[0:15_000, 16_000:18_000, 18_100:20_000]
    assert (reasons[good] > 0).mean() <= 2e-4


@pytest.mark.parametrize("draw", ["normal", "uniform", "laplace"])
def test_differences_count_where_ratios_do_not(draw: str) -> None:
    rng = np.random.default_rng(1)
    good = getattr(rng, draw)(size=20_000) * 10.0 - 3.0
    outliers = Outliers(OutlierOptions(ratios=False))
    reasons = outliers.update(np.zeros(len(good), np.uint64), good)
    assert (reasons > 0).mean() <= 1e-3
    assert outliers.update(np.zeros(2, np.uint64), np.array([1000.0, -1000.0])).tolist() == [2, 1]


def test_a_change_that_stays_is_learned_in_the_end() -> None:
    rng = np.random.default_rng(1)
    outliers, category = Outliers(OutlierOptions()), np.zeros(40_000, np.uint64)
    outliers.update(category[:3000], np.exp(rng.normal(0.0, 0.3, 3000)))
    reasons = outliers.update(category, np.exp(rng.normal(4.0, 0.3, 40_000)))
    assert reasons[:300].all()
    assert not reasons[-2000:].any()


def test_missing_numbers_are_fine_and_teach_nothing() -> None:
    outliers = Outliers(OutlierOptions())
    before = dumped(outliers)
    assert update(outliers, [(1, float("nan"))] * 10).tolist() == [0] * 10
    assert dumped(outliers) == before


def test_nothing_is_judged_before_enough_was_seen() -> None:
    outliers = Outliers(OutlierOptions(learn=50))
    assert not update(outliers, [(1, 1.0 + i / 1000) for i in range(49)] + [(1, 1e6)]).any()
    assert update(outliers, [(1, 1e6)]).tolist() == [OutlierReason.HIGH]


def test_categories_beyond_the_bound_share_one_sketch() -> None:
    outliers = Outliers(OutlierOptions(max_categories=100))
    for start in range(0, 50_000, 5000):
        update(outliers, [(category, 1.0) for category in range(start, start + 5000)])
    assert len(outliers) == 100
    assert sum(map(len, dumped(outliers))) <= 101 * (64 + 4 * log_histogram.BUCKETS) + 100
    assert update(outliers, [(10**6, 1e6)]).tolist() == [OutlierReason.HIGH]


def test_thousands_of_categories_have_their_own_median() -> None:
    outliers = Outliers(OutlierOptions(max_categories=3000, learn=20))
    rng = np.random.default_rng(1)
    categories = np.tile(np.arange(2500), 40)
    medians = np.exp(rng.normal(0.0, 1.5, 2500))
    reasons = outliers.update(categories.astype(np.uint64), medians[categories] * np.exp(rng.normal(0.0, 0.2, 100_000)))
    assert (reasons > 0).mean() < 0.01
    assert outliers.update(np.arange(2500).astype(np.uint64), 50.0 * medians).all()


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="max_categories is 0"):
        OutlierOptions(max_categories=0)
    with pytest.raises(ConfigurationError, match="learn is 0"):
        OutlierOptions(learn=0)
    with pytest.raises(ConfigurationError, match=r"error is 0\.5"):
        OutlierOptions(error=0.5)


@pytest.mark.parametrize("part", [0, 2, 3])
def test_parts_that_do_not_fit_are_refused(part: int) -> None:
    outliers = Outliers(OutlierOptions())
    update(outliers, [(1, 1.0)])
    stored = dumped(outliers)
    stored[part] += stored[part]
    with pytest.raises(StateError, match="older checkpoint"):
        Outliers(OutlierOptions()).load(stored)
