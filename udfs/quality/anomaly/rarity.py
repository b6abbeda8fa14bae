"""Categories to rarity in [0, 1]: 0 for what comes always, 1 for what came once in ten thousand or never.

The frequency of a hashed value is that of its cell in a count sketch of one row for each field (Cormode & Muthukrishnan
2005), an upper bound that is seldom far off; all cells of a field are halved when they hold ``FORGET``.
"""

from __future__ import annotations

import math
from typing import Final

from udfs.jit import kernel
from udfs.types import F32, F64, U32

BITS: Final = 12
FORGET: Final = 200_000.0
_RAREST: Final = math.log(1e4)


@kernel
def transform(slots: U32, cells: F32, totals: F64, out: F64) -> None:
    """Write the rarities (c,) of one example's hashed values, then let them enter.

    Args:
        slots: uint32 (c,): one hash for each field.
        cells: float32 (c, 2 ** ``BITS``), in and out.
        totals: float64 (c,), in and out: what the cells of each field hold.
        out: float64 (c,).
    """
    for j in range(len(slots)):
        cell = slots[j] >> (32 - BITS)
        share = (cells[j, cell] + 1.0) / (totals[j] + 1.0)
        out[j] = min(-math.log(share) / _RAREST, 1.0)
        cells[j, cell] += 1.0
        totals[j] += 1.0
        if totals[j] >= FORGET:
            totals[j] *= 0.5
            for i in range(cells.shape[1]):
                cells[j, i] *= 0.5
