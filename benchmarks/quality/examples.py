"""Columns to examples, for data that is already in memory and clean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from udfs.features import Batch, Space
from udfs.hashing import hash32
from udfs.types import F64, I32, I64, U16, U32


def categorical(space: Space, columns: Sequence[I64], label: F64) -> Batch:
    """Return the examples of integer columns, one for each categorical feature of the space, in order."""
    n = len(label)
    slots = np.empty((n, len(columns)), np.uint32)
    for place, (name, column) in enumerate(zip(space.hashed, columns, strict=True)):
        values, inverse = np.unique(column, return_inverse=True)
        seed = space.features.seed_of(name)
        slots[:, place] = np.array([hash32(str(value), seed) for value in values], np.uint32)[inverse]
    k = len(columns)
    field = np.tile(np.arange(k, dtype=np.uint16), n)
    return _batch(np.arange(0, n * k + 1, k, dtype=np.int32), slots.ravel(), field, np.zeros((n, 0)), label)


def numbers(dense: F64, label: F64) -> Batch:
    """Return the examples of dense coordinates (n, d)."""
    n = len(label)
    return _batch(np.zeros(n + 1, np.int32), np.zeros(0, np.uint32), np.zeros(0, np.uint16), dense, label)


def _batch(indptr: I32, slot: U32, field: U16, dense: F64, label: F64) -> Batch:
    n = len(label)
    value = np.ones(len(slot), np.float32)
    return Batch(indptr, slot, value, field, dense, label, np.ones(n), np.zeros(n, np.int64))
