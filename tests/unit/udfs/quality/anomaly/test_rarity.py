"""Rare values are near one, common ones near zero, and each field counts for itself."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.quality.anomaly import rarity
from udfs.types import U32


def rarities(rows: U32) -> list[list[float]]:
    c = rows.shape[1]
    cells, totals, out = np.zeros((c, 1 << rarity.BITS), np.float32), np.zeros(c), np.empty(c)
    found = []
    for row in rows:
        rarity.transform(row, cells, totals, out)
        found.append(out.tolist())
    return found


def test_the_logarithm_of_the_frequency_before() -> None:
    common, rare = 5 << 20, 9 << 20
    rows = np.full((1001, 2), common, np.uint32)
    rows[::10, 1] = rare
    rows[-1, 0] = rare
    found = rarities(rows)
    assert found[0] == [0.0, 0.0]
    assert found[999] == pytest.approx([0.0, -np.log(0.9) / np.log(1e4)], abs=1e-3)
    assert found[1000] == pytest.approx([np.log(1001) / np.log(1e4), np.log(1001 / 101) / np.log(1e4)], rel=1e-6)


def test_what_was_long_ago_fades() -> None:
    cells, totals, out = np.zeros((1, 1 << rarity.BITS), np.float32), np.array([rarity.FORGET - 1]), np.empty(1)
    cells[0, 0] = rarity.FORGET - 1
    rarity.transform(np.zeros(1, np.uint32), cells, totals, out)
    assert (cells[0, 0], totals[0]) == (rarity.FORGET / 2, rarity.FORGET / 2)
