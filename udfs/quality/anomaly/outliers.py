"""Numbers that are unlike those of their category: too far from the median, in robust standard deviations.

A side's deviation is the median absolute deviation (Hampel 1974, "The influence curve"), right as long as less than
half of the numbers are wrong; or, where the tail on that side is heavier than a normal one, what the 99 % quantile
says. An outlier counts for a tenth, so that one in ten of the numbers that are remembered has to be one before they are
taken for a tail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Final

import numpy as np

from udfs.errors import StateError
from udfs.jit import inlined, kernel
from udfs.quality.anomaly import keyed_table, log_histogram
from udfs.quality.anomaly.keyed_state import COUNT, KeyedState
from udfs.quality.anomaly.keyed_table import Record, Table
from udfs.quality.anomaly.outlier_options import OutlierOptions, OutlierReason
from udfs.types import F32, F64, I64, U8, U64

RECORD: Final = np.dtype(
    [
        ("key", "u8"),
        ("last", "i8"),  # number in the order in which categories came
        ("total", "f8"),  # what the histogram holds
        ("below", "f8"),  # standard deviations on both sides of the median
        ("above", "f8"),
        ("middle", "i4"),  # bucket of the median
        ("row", "i4"),  # which histogram
        ("waiting", "i4"),  # numbers since median and deviations were taken
        ("seen", "i4"),
        ("spare", "i8"),
    ]
)
"""What is remembered of a category."""

OTHERS: Final = (1 << 64) - 1
"""The key of all categories beyond the bound."""

_REFRESH: Final = 32
"""Numbers of a category between two looks at its median: a look costs as much as thirty numbers."""

_CONSISTENT: Final = 1.4826
"""A normal distribution's standard deviation in median absolute deviations."""

_TAIL: Final = 2.3263
"""A normal distribution's 99 % quantile in standard deviations."""

_WEIGHT: Final = 0.1
"""What an outlier counts for."""


@inlined
def _score(record: Record, bucket: int, ratios: bool) -> float:
    deviation = record.below if bucket < record.middle else record.above
    score: float = log_histogram.distance(bucket, record.middle, ratios) / deviation
    return score


@inlined
def _refresh(record: Record, histogram: F32, ratios: bool) -> None:
    record.waiting += 1
    if record.waiting >= _REFRESH or record.total < _REFRESH:
        record.waiting = 0
        middle = record.middle = log_histogram.quantile(histogram, record.total, 0.5)
        width = log_histogram.WIDTH * (1.0 if ratios else max(abs(log_histogram.value_of(middle)), 1e-3))
        least = max(_CONSISTENT * log_histogram.deviation(histogram, record.total, middle, ratios), width)
        low = log_histogram.quantile(histogram, record.total, 0.01)
        high = log_histogram.quantile(histogram, record.total, 0.99)
        record.below = max(least, log_histogram.distance(low, middle, ratios) / _TAIL)
        record.above = max(least, log_histogram.distance(high, middle, ratios) / _TAIL)


@kernel
def _pass(
    start: int,
    categories: U64,
    values: F64,
    table: Table,
    histograms: F32,
    room: int,
    most: int,
    ratios: bool,
    learn: int,
    bound: float,
    counters: I64,
    reasons: U8,
) -> int:
    """Process rows from ``start``; return the first row for which room has to be made, or their number."""
    for row in range(start, len(values)):
        bucket = log_histogram.bucket_of(values[row])
        if bucket < 0:
            continue
        slot = keyed_table.find(categories[row], table)
        if table[slot].seen == 0 and counters[COUNT] >= most:
            slot = keyed_table.find(np.uint64(OTHERS), table)
        record = table[slot]
        if record.seen == 0:
            if counters[COUNT] >= room:
                return row
            record.key, record.row, record.last, record.seen = categories[row], counters[COUNT], counters[COUNT], 1
            counters[COUNT] += 1
        weight = 1.0
        if record.total >= learn and _score(record, bucket, ratios) > bound:
            reasons[row] = OutlierReason.LOW if bucket < record.middle else OutlierReason.HIGH
            weight = _WEIGHT
        histogram = histograms[record.row]
        record.total = log_histogram.add(histogram, bucket, weight, record.total)
        _refresh(record, histogram, ratios)
    return len(values)


class Outliers:
    """Judges the numbers of one field by those of their category before them."""

    def __init__(self, options: OutlierOptions) -> None:
        self._options = options
        self._bound = -NormalDist().inv_cdf(options.error / 2.0)
        self._state = KeyedState(RECORD, options.max_categories + 1, ())
        self._histograms = log_histogram.new(min(16, options.max_categories + 1))
        self._enter_others()

    def _enter_others(self) -> None:
        record = self._state.table[keyed_table.find(np.uint64(OTHERS), self._state.table)]
        record["key"], record["seen"] = OTHERS, 1
        self._state.counters[COUNT] = 1

    def __len__(self) -> int:
        return len(self._state) - 1

    def update(self, categories: U64, values: F64) -> U8:
        """Judge numbers by those before them, then remember them.

        Args:
            categories: uint64 (n,): hashes of categories.
            values: float64 (n,); NaN is missing, and fine.

        Returns:
            uint8 (n,): an ``OutlierReason``, 0 where nothing is wrong.
        """
        reasons = np.zeros(len(values), np.uint8)
        options, state, row = self._options, self._state, 0
        rules = (options.max_categories + 1, options.ratios, options.learn, self._bound)
        while row < len(values):
            room = min(len(self._histograms), keyed_table.limit(state.table))
            kept = (state.table, self._histograms, room, *rules, state.counters)
            row = _pass(row, categories, values, *kept, reasons)
            if row < len(values):
                self._make_room()
        return reasons

    def _make_room(self) -> None:
        count = len(self._state)
        if count == len(self._histograms):
            self._resize(min(2 * count, self._options.max_categories + 1))
        else:
            self._state.make_room()

    def _resize(self, rows: int) -> None:
        kept = self._histograms[: len(self._state)]
        self._histograms = log_histogram.new(rows)
        self._histograms[: len(kept)] = kept

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield four parts: counters, nothing, the categories as they came, and their histograms."""
        yield from self._state.dump()
        yield self._histograms[: len(self._state)].reshape(-1).view(np.uint8).data

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take the four parts that ``dump`` yielded.

        Raises:
            StateError: they do not fit each other.
        """
        self._state.load(parts[:3])
        stored = np.frombuffer(parts[3], np.float32)
        if len(parts) != 4 or len(stored) != len(self._state) * log_histogram.BUCKETS:
            raise StateError("The stored histograms do not fit their categories", "Restore an older checkpoint")
        self._histograms = stored.reshape(-1, log_histogram.BUCKETS).copy()
