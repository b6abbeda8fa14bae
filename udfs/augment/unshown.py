"""Items that were not shown, as negatives of a ranking loss; no learner has such a loss yet, so none uses it.

Negatives that are drawn by popularity are too often popular ones: Yi et al. (2019), "Sampling-bias-corrected neural
modeling for large corpus item recommendations", RecSys, subtract log q from the score of an item that is drawn with
probability q, and estimate q from a stream (algorithm 2): one over the mean number of draws between two of the item.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from udfs.drift.state import restore
from udfs.hashing.murmur3 import mix32
from udfs.jit import kernel
from udfs.training.chance import salted
from udfs.types import F64, I64, U32, Arrays, Bool

_PURPOSE: Final = 4
_SHOWN, _DISTINCT = range(2)


class Unshown(NamedTuple):
    """Items drawn for some examples.

    Attributes:
        item: uint32 (n, k): hashes of items; meaningless where ``valid`` is not.
        correction: float64 (n, k): ``-log q``, which is added to the score of the item while it is learned.
        valid: bool (n, k): whether there was an item to draw, and it is not the example's own.
    """

    item: U32
    correction: F64
    valid: Bool


class UnshownItems:
    """Remembers what was shown and draws from it, uniformly among different items or as often as they were shown.

    State: ``counts`` int64 (2,) items shown and different ones stored; ``recent`` uint32 (size,) the newest shown;
    ``distinct`` uint32 (size,) the first different ones; ``seen`` int64 (2**bits,) when each slot was shown last, 0 for
    never; ``gap`` float64 (2**bits,) the mean distance between two showings.

    Args:
        size: items that are remembered.
        by_popularity: draw among the newest shown; else among different ones.
        rate: of the running mean of distances, alpha of the paper.
        bits: slots of items for the estimate of q.
        seed: the model's.
    """

    def __init__(self, size: int, by_popularity: bool, rate: float = 0.01, bits: int = 18, seed: int = 1) -> None:
        self._by_popularity, self._rate, self._salt = by_popularity, rate, salted(seed, _PURPOSE)
        self._counts: I64 = np.zeros(2, np.int64)
        self._recent: U32 = np.zeros(size, np.uint32)
        self._distinct: U32 = np.zeros(size, np.uint32)
        self._seen: I64 = np.zeros(1 << bits, np.int64)
        self._gap: F64 = np.zeros(1 << bits)

    def draw(self, item: U32, lot: U32, k: int) -> Unshown:
        """Return k items for each example (n,), drawn from what was shown before it; then its own item is shown."""
        drawn = Unshown(
            np.zeros((len(item), k), np.uint32), np.zeros((len(item), k)), np.zeros((len(item), k), np.bool_)
        )
        held = (self._counts, self._recent, self._distinct, self._seen, self._gap)
        _draw(item, lot, self._by_popularity, self._rate, self._salt, *held, *drawn)
        return drawn

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next examples."""
        names = ("counts", "recent", "distinct", "seen", "gap")
        return {name: getattr(self, f"_{name}") for name in names}

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of this memory.
        """
        restore(self.dump(), arrays, "a memory of items")


@kernel
def _show(item: np.uint32, rate: float, counts: I64, recent: U32, distinct: U32, seen: I64, gap: F64) -> None:
    slot = item & np.uint32(len(seen) - 1)
    counts[_SHOWN] += 1
    recent[(counts[_SHOWN] - 1) % len(recent)] = item
    if seen[slot] == 0:
        # The first distance is that from the beginning; the paper leaves open what it is.
        gap[slot] = counts[_SHOWN]
        if counts[_DISTINCT] < len(distinct):
            distinct[counts[_DISTINCT]] = item
            counts[_DISTINCT] += 1
    else:
        gap[slot] += rate * (counts[_SHOWN] - seen[slot] - gap[slot])
    seen[slot] = counts[_SHOWN]


@kernel
def _draw(
    item: U32,
    lot: U32,
    by_popularity: bool,
    rate: float,
    salt: int,
    counts: I64,
    recent: U32,
    distinct: U32,
    seen: I64,
    gap: F64,
    out: U32,
    correction: F64,
    valid: Bool,
) -> None:
    for i in range(len(item)):
        there = min(counts[_SHOWN], len(recent)) if by_popularity else counts[_DISTINCT]
        for k in range(out.shape[1] if there > 0 else 0):
            mixed = mix32(np.uint32(mix32(np.uint32(lot[i] ^ np.uint32(salt))) + np.uint32(k)))
            place = (np.uint64(mixed) * np.uint64(there)) >> np.uint64(32)
            out[i, k] = recent[place] if by_popularity else distinct[place]
            valid[i, k] = out[i, k] != item[i]
            often = gap[out[i, k] & np.uint32(len(seen) - 1)] if by_popularity else np.float64(there)
            correction[i, k] = np.log(often)
        _show(item[i], rate, counts, recent, distinct, seen, gap)
