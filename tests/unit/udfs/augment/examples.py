"""What the tests of augmentations share: examples with lots, and rows as plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.laws.strategies_examples import batch
from udfs.augment.rows import Rows
from udfs.features import Batch


def examples(seed: int, n: int) -> Batch:
    """Draw examples of the space of the laws, with lots."""
    lots = np.random.default_rng(seed + 100).integers(1 << 32, size=n, dtype=np.uint32)
    return replace(batch(seed, n), lot=lots)


def row(batch: Batch, i: int) -> dict[str, Any]:
    """Return a row: its entries as (field, slot), and its values."""
    entries = slice(batch.indptr[i], batch.indptr[i + 1])
    return {
        "entries": list(zip(batch.field[entries].tolist(), batch.slot[entries].tolist(), strict=True)),
        "dense": ["" if x != x else x for x in batch.dense[i].tolist()],
        "label": float(batch.label[i]),
        "weight": float(batch.weight[i]),
    }


def scored(rows: Rows) -> list[dict[str, Any]]:
    """Return the rows that score the examples, without their weights."""
    return [{**row(rows.batch, int(place)), "weight": None} for place in rows.place]


def whole(batch: Batch) -> list[dict[str, Any]]:
    """Return examples as they are, without their weights."""
    return [{**row(batch, i), "weight": None} for i in range(len(batch))]
