"""A batch of invented or recorded rows, by the definition of features: what a release is compared on without events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from udfs.features.batch import Batch
from udfs.features.space import Space
from udfs.features.values import coordinates, hashes


def batch_of_rows(space: Space, rows: Sequence[Mapping[str, Any]]) -> Batch:
    """Return rows of cleaned fields and ``timestamp`` (microseconds) as examples without labels, of weight 0."""
    slots: list[int] = []
    fields: list[int] = []
    indptr = [0]
    dense: list[list[float]] = []
    for row in rows:
        for index, name in enumerate(space.hashed):
            found = hashes(space.features, name, row, row["timestamp"])
            slots += found
            fields += [index] * len(found)
        indptr.append(len(slots))
        dense.append([value for name in space.dense for value in coordinates(space.features, name, row)])
    n = len(rows)
    return Batch(
        np.array(indptr, np.int32),
        np.array(slots, np.uint32),
        np.ones(len(slots), np.float32),
        np.array(fields, np.uint16),
        np.array(dense, np.float64).reshape(n, space.width),
        np.zeros(n),
        np.zeros(n),
        np.array([row["timestamp"] for row in rows], np.int64),
    )
