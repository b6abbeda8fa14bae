"""A quantile sketch: a histogram with logarithmic buckets for both signs, of a fixed size, that forgets.

Masson, Rim & Lee (2019, "DDSketch", arXiv 1908.10693): any quantile is exact to within 2.5 % of its value, between
1e-3 and 1.3e8 on either side of zero. What lies nearer to zero counts as zero, what lies farther as that. Whenever the
counts reach ``FORGET`` all are halved, so that what was seen long ago fades.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.jit import inlined, loop
from udfs.types import F32

SMALLEST: Final = 1e-3
ACCURACY: Final = 0.025
WIDTH: Final = math.log((1.0 + ACCURACY) / (1.0 - ACCURACY))
"""Logarithm of the ratio of a bucket's bounds."""

_LOG_SMALLEST: Final = math.log(SMALLEST)
_LARGEST: Final = 1e12

ZERO: Final = 512
BUCKETS: Final = 2 * ZERO + 1
FORGET: Final = 20_000.0


def new(rows: int) -> F32:
    """Return histograms (rows, ``BUCKETS``) of nothing."""
    return np.zeros((rows, BUCKETS), np.float32)


@inlined
def bucket_of(value: float) -> int:
    """Return a number's bucket, -1 for NaN."""
    if value != value:
        return -1
    size = abs(value)
    if size <= SMALLEST:
        return ZERO
    steps = math.ceil((math.log(size) - _LOG_SMALLEST) / WIDTH) if size < _LARGEST else ZERO
    steps = min(max(steps, 1), ZERO)
    return ZERO + steps if value > 0.0 else ZERO - steps


@inlined
def value_of(bucket: int) -> float:
    """Return what a bucket stands for: a number that is near all that fall into it."""
    steps = abs(bucket - ZERO)
    size = SMALLEST * (1.0 - ACCURACY) * math.exp(steps * WIDTH) if steps > 0 else 0.0
    return size if bucket > ZERO else -size


@inlined
def add(histogram: F32, bucket: int, weight: float, total: float) -> float:
    """Count a number in a histogram (``BUCKETS``,) that holds ``total``; return what it holds then."""
    histogram[bucket] += weight
    total += weight
    if total >= FORGET:
        for i in range(BUCKETS):
            histogram[i] *= 0.5
        total *= 0.5
    return total


@loop
def quantile(histogram: F32, total: float, share: float) -> int:
    """Return the bucket in which a share of a histogram that holds ``total`` is reached from below."""
    below, bucket = float(histogram[0]), 0
    while below < share * total and bucket < BUCKETS - 1:
        bucket += 1
        below += histogram[bucket]
    return bucket


@loop
def deviation(histogram: F32, total: float, middle: int, ratios: bool) -> float:
    """Return the median absolute deviation from a bucket.

    It is taken outwards, the nearer of both sides first, until half of the counts is within. With ``ratios`` it is one
    of logarithms, so that half and double are equally far; else it is one of the numbers.
    """
    left, right, within, farthest = middle - 1, middle + 1, float(histogram[middle]), 0.0
    while within < 0.5 * total and (left >= 0 or right < BUCKETS):
        down = distance(left, middle, ratios) if left >= 0 else math.inf
        up = distance(right, middle, ratios) if right < BUCKETS else math.inf
        farthest = min(down, up)
        if down <= up:
            within += histogram[left]
            left -= 1
        else:
            within += histogram[right]
            right += 1
    return farthest


@inlined
def distance(bucket: int, middle: int, ratios: bool) -> float:
    """Return how far two buckets are apart: in logarithms with ``ratios``, else in numbers."""
    return abs(bucket - middle) * WIDTH if ratios else abs(value_of(bucket) - value_of(middle))
