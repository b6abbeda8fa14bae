"""A prefetch reads nothing and changes nothing, whatever the table."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.jit import kernel
from udfs.prefetch import prefetch
from udfs.types import Column


@kernel
def _sum(table: Column) -> float:
    total = 0.0
    for row in range(len(table)):
        prefetch(table, len(table) - 1 - row)
        total += table[row].sum()
    return total


@pytest.mark.parametrize("table", [np.ones((1000, 2), np.float32), np.ones((1000, 2), np.uint64)[::2]])
def test_tables_are_read_and_left_as_they_are(table: Column) -> None:
    before = table.copy()
    assert _sum(table) == table.sum()
    assert (table == before).all()
