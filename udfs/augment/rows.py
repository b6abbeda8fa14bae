"""Batches with more rows than examples: where each example is scored, and rows that are learned in its place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.features import Batch
from udfs.jit import kernel
from udfs.types import F64, I32, I64, Bool


class Rows(NamedTuple):
    """What a learner is given for some examples.

    A learner scores a row before it learns it, and learns nothing from one of weight 0: a row of weight 0 in front of
    another is an example that is scored as it is and learned as something else.

    Attributes:
        batch: the rows in the order in which they are learned.
        place: int64 (n,): the row that scores each example.
    """

    batch: Batch
    place: I64


class Reduced(NamedTuple):
    """Examples without some of their features.

    Attributes:
        keeps: bool (entries,): the hashed entries that are left.
        dense: float64 (n, d): NaN where a coordinate is taken away.
    """

    keeps: Bool
    dense: F64


def as_they_are(batch: Batch) -> Rows:
    """Return every example as its own row."""
    return Rows(batch, np.arange(len(batch)))


def after(first: Rows, second: Rows) -> Rows:
    """Return the rows that were made of the batch of other rows, with the places of the examples of those."""
    return Rows(second.batch, second.place[first.place])


def copied(batch: Batch, source: I64, weight: F64, lacking: Bool, reduced: Reduced) -> Batch:
    """Return rows that are copies of examples.

    Args:
        batch: the examples.
        source: int64 (rows,): whose copy each row is.
        weight: float64 (rows,).
        lacking: bool (rows,): which copies are reduced.
        reduced: what is left of the examples then.
    """
    origin = np.empty(int(np.diff(batch.indptr)[source].sum()), np.int64)
    indptr = np.zeros(len(source) + 1, np.int32)
    chosen = origin[: _gather(batch.indptr, source, lacking, reduced.keeps, origin, indptr)]
    return Batch(
        indptr,
        batch.slot[chosen],
        batch.value[chosen],
        batch.field[chosen],
        np.where(lacking[:, None], reduced.dense[source], batch.dense[source]),
        batch.label[source],
        weight,
        batch.time[source],
        None if batch.late is None else batch.late[source],
        batch.lot[source],
    )


@kernel
def _gather(pointers: I32, source: I64, lacking: Bool, keeps: Bool, origin: I64, indptr: I32) -> int:
    kept = 0
    for row in range(len(source)):
        for e in range(pointers[source[row]], pointers[source[row] + 1]):
            if keeps[e] or not lacking[row]:
                origin[kept] = e
                kept += 1
        indptr[row + 1] = kept
    return kept
