"""Numbers to ranks in [0, 1]: the share of the numbers before that are smaller, by a sketch of each coordinate.

So any distribution fills the interval evenly, and what was never seen lies at an end.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.jit import inlined, kernel
from udfs.quality.anomaly import log_histogram
from udfs.types import F32, F64

MISSING: Final = 0.5
_REFRESH: Final = 256
"""Numbers of a coordinate between two looks at its histogram."""

TOTAL, WAITING = range(2)


def new(d: int) -> F32:
    """Return the ranks of buckets (d, ``BUCKETS``) before anything was seen: all in the middle."""
    return np.full((d, log_histogram.BUCKETS), MISSING, np.float32)


@inlined
def _rank(histogram: F32, total: float, ranks: F32) -> None:
    below = 0.0
    for bucket in range(log_histogram.BUCKETS):
        ranks[bucket] = (below + 0.5 * histogram[bucket] + 0.5) / (total + 1.0)
        below += histogram[bucket]


@kernel
def transform(row: F64, histograms: F32, ranks: F32, counts: F64, out: F64) -> None:
    """Write the ranks (d,) of one example's numbers, then let them enter.

    Args:
        row: float64 (d,); NaN is missing and lies in the middle.
        histograms: float32 (d, ``BUCKETS``), in and out.
        ranks: float32 (d, ``BUCKETS``), in and out: the rank of every bucket.
        counts: float64 (d, 2), in and out: what a histogram holds, and numbers since its ranks were taken.
        out: float64 (d,).
    """
    for j in range(len(row)):
        bucket = log_histogram.bucket_of(row[j])
        if bucket < 0:
            out[j] = MISSING
            continue
        out[j] = ranks[j, bucket]
        counts[j, TOTAL] = log_histogram.add(histograms[j], bucket, 1.0, counts[j, TOTAL])
        counts[j, WAITING] += 1.0
        if counts[j, WAITING] >= min(_REFRESH, counts[j, TOTAL]):
            counts[j, WAITING] = 0.0
            _rank(histograms[j], counts[j, TOTAL], ranks[j])
