"""Random numbers that depend on the seed, on what they decide and on the slice, never on what was drawn before."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def chance(seed: int, what: str, slice_number: int = 0) -> np.random.Generator:
    """Return the generator of one concern in one slice: switching a fault on changes nothing else."""
    return np.random.default_rng([seed, crc32(what.encode()), slice_number])
