"""Ranks fill [0, 1] evenly for any distribution, and know the past only."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.quality.anomaly import log_histogram, ranks
from udfs.types import F64


def ranked(rows: F64) -> F64:
    d = rows.shape[1]
    kept = (log_histogram.new(d), ranks.new(d), np.zeros((d, 2)))
    out = np.empty_like(rows)
    for row, found in zip(rows, out, strict=True):
        ranks.transform(row, *kept, found)
    return out


def test_ranks_are_even() -> None:
    rng = np.random.default_rng(1)
    rows = np.stack([np.exp(rng.normal(3, 1, 20_000)), rng.normal(0, 5, 20_000)], axis=1)
    found = ranked(rows)[5000:]
    for j in range(2):
        assert np.quantile(found[:, j], [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.03)


def test_what_was_never_seen_lies_at_an_end() -> None:
    rows = np.vstack([np.random.default_rng(1).uniform(1, 2, (2000, 1)), [[1000.0]], [[-1000.0]], [[1.5]]])
    found = ranked(rows)[-3:, 0]
    assert found[0] > 0.999
    assert found[1] < 0.001
    assert 0.4 < found[2] < 0.6


def test_the_first_and_the_missing_lie_in_the_middle() -> None:
    assert ranked(np.array([[7.0], [np.nan]])).tolist() == [[0.5], [0.5]]
