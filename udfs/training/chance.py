"""Chance as a function of what arrived: an example's lot, and what is decided about it."""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.frames import Frame
from udfs.hashing.murmur3 import mix32
from udfs.jit import kernel
from udfs.types import U32

LOT: Final = "lot"
"""The column that takes the place of ``id`` in journalled example frames of models that need chance."""


def lots(frame: Frame) -> U32:
    """Return the lots of an example frame's rows: 32 bits of the hash of each event's id.

    Sampled rows carry neither ids nor lots: they get none.
    """
    if LOT in frame.columns:
        kept: U32 = frame.columns[LOT]
        return kept
    if "id" not in frame.columns:
        return np.zeros(0, np.uint32)
    drawn: U32 = (frame.columns["id"][:, 0] >> np.uint64(32)).astype(np.uint32)
    return drawn


def salted(seed: int, purpose: int) -> int:
    """Return the salt of one decision: models of other seeds, and other decisions, draw independently."""
    return int(mix32(np.uint32(mix32(np.uint32(seed & 0xFFFFFFFF)) ^ np.uint32(purpose))))


@kernel
def share(lot: np.uint32, salt: int) -> float:
    """Return what a lot draws: uniform from 0 up to 1, the same whenever it is asked."""
    return float(mix32(np.uint32(lot ^ np.uint32(salt)))) * 2.0**-32
