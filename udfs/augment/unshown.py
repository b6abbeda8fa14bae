"""Items that were not shown, as negatives of a ranking loss, drawn from what was shown to others.

Negatives that are drawn by popularity are too often popular ones: Yi et al. (2019), "Sampling-bias-corrected neural
modeling for large corpus item recommendations", RecSys, subtract log q from the score of an item that is drawn with
probability q, and estimate q from a stream (algorithm 2): one over the mean number of draws between two of the item.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.drift.state import restore
from udfs.features import Batch, Space
from udfs.features.unshown import Unshown
from udfs.hashing.murmur3 import mix32
from udfs.jit import kernel
from udfs.schema import Unshown as Rules
from udfs.training.chance import salted
from udfs.types import F64, I32, I64, U8, U16, U32, Arrays, Bool

LONGEST: Final = 24
"""Items with more entries are not remembered."""

_PURPOSE: Final = 4
_RATE: Final = 0.01
"""Of the running mean of distances: alpha of the paper."""

_SHOWN, _USED = range(2)


class UnshownItems:
    """Remembers the items that were shown, and draws from them.

    An item has the row of its hash, and the newest one of a row is what is drawn, with the q of the row. State:
    ``counts`` int64 (2,) items shown and rows in use; by row ``item`` uint32 (size,) its hash, ``length`` uint8 (size,)
    and ``slot`` uint32 (size, LONGEST) its entries, ``seen`` int64 (size,) when it was shown last, ``gap`` float64
    (size,) the mean distance between two showings; ``used`` int32 (size,) the rows in use; ``recent`` int32 (size,) the
    rows of the newest shown.
    """

    def __init__(self, rules: Rules, space: Space, items: tuple[str, ...], seed: int) -> None:
        """Take the rules, the model's features, which of them are an item's (the first names it), and its seed."""
        size = rules.size
        self._rules, self._salt = rules, salted(seed, _PURPOSE)
        self._name = space.hashed.index(items[0])
        self._own: Bool = np.array([name in items for name in space.hashed], np.bool_)
        self._counts: I64 = np.zeros(2, np.int64)
        self._item: U32 = np.zeros(size, np.uint32)
        self._length: U8 = np.zeros(size, np.uint8)
        self._slot: U32 = np.zeros((size, LONGEST), np.uint32)
        self._seen: I64 = np.zeros(size, np.int64)
        self._gap: F64 = np.zeros(size)
        self._used: I32 = np.zeros(size, np.int32)
        self._recent: I32 = np.zeros(size, np.int32)

    def draw(self, batch: Batch) -> Unshown:
        """Return items for each positive, drawn from what was shown before it; the item of every example is shown."""
        n = len(batch)
        most = int(np.count_nonzero((batch.label > 0.5) & (batch.weight > 0.0))) * self._rules.count
        start, indptr = np.zeros(n + 1, np.int32), np.zeros(most + 1, np.int32)
        slot, correction, own = np.empty(most * LONGEST, np.uint32), np.empty(most), np.zeros(n)
        popularity, less_popular = np.full(n, math.nan), np.full(n, math.nan)
        examples = (batch.indptr, batch.slot, batch.field, batch.label, batch.weight, batch.lot)
        rules = (self._name, self._own, self._rules.by == "popularity", self._rules.count, self._salt)
        drawn = (start, indptr, slot, correction, own, popularity, less_popular)
        held = (self._counts, self._item, self._length, self._slot, self._seen, self._gap, self._used, self._recent)
        everything = (*examples, *rules, *held, *drawn)
        _draw(*everything)
        last = start[n]
        kept = (start, indptr[: last + 1], slot[: indptr[last]], correction[:last], own, popularity, less_popular)
        return Unshown(*kept, np.full(n, math.nan))

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next examples."""
        names = ("counts", "item", "length", "slot", "seen", "gap", "used", "recent")
        return {name: getattr(self, f"_{name}") for name in names}

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of this memory.
        """
        restore(self.dump(), arrays, "a memory of items")


@kernel
def _own_item(indptr: I32, slot: U32, field: U16, own: Bool, name: int, i: int, entries: U32) -> tuple[int, int]:
    """Gather the entries of example i's own item; return how many there are, and its hash or -1."""
    length, item = 0, -1
    for e in range(indptr[i], indptr[i + 1]):
        if own[field[e]]:
            if length < len(entries):
                entries[length] = slot[e]
            length += 1
        if field[e] == name:
            item = int(slot[e])
    return length, item


@kernel
def _show(
    row: int,
    item: int,
    entries: U32,
    length: int,
    counts: I64,
    items: U32,
    lengths: U8,
    slots: U32,
    seen: I64,
    gap: F64,
    used: I32,
    recent: I32,
) -> None:
    recent[counts[_SHOWN] % len(recent)] = row
    counts[_SHOWN] += 1
    if seen[row] == 0:
        # The first distance is that from the beginning; the paper leaves open what it is.
        gap[row] = counts[_SHOWN]
        used[counts[_USED]] = row
        counts[_USED] += 1
    else:
        gap[row] += _RATE * (counts[_SHOWN] - seen[row] - gap[row])
    seen[row] = counts[_SHOWN]
    items[row], lengths[row] = item, length
    slots[row, :length] = entries[:length]


@kernel
def _draw(
    pointers: I32,
    entry: U32,
    field: U16,
    label: F64,
    weight: F64,
    lot: U32,
    name: int,
    own_field: Bool,
    by_popularity: bool,
    count: int,
    salt: int,
    counts: I64,
    items: U32,
    lengths: U8,
    slots: U32,
    seen: I64,
    gap: F64,
    used: I32,
    recent: I32,
    start: I32,
    indptr: I32,
    slot: U32,
    correction: F64,
    own: F64,
    popularity: F64,
    less_popular: F64,
) -> None:
    entries = np.empty(slots.shape[1], np.uint32)
    drawn = 0
    for i in range(len(label)):
        start[i + 1] = drawn
        length, item = _own_item(pointers, entry, field, own_field, name, i, entries)
        if item < 0:
            continue
        row = int((np.uint64(item) * np.uint64(len(items))) >> np.uint64(32))
        apart = gap[row] if seen[row] > 0 else counts[_SHOWN] + 1.0
        popularity[i] = -math.log(apart)
        own[i] = math.log(apart) if by_popularity else 0.0
        there = min(counts[_SHOWN], len(recent)) if by_popularity else counts[_USED]
        asked = count if there > 0 and label[i] > 0.5 and weight[i] > 0.0 else 0
        rarer = 0.0
        for k in range(asked):
            mixed = mix32(np.uint32(mix32(np.uint32(lot[i] ^ np.uint32(salt))) + np.uint32(k)))
            place = np.int64((np.uint64(mixed) * np.uint64(there)) >> np.uint64(32))
            other = recent[place] if by_popularity else used[place]
            if items[other] == np.uint32(item):
                continue
            last = indptr[drawn] + lengths[other]
            slot[indptr[drawn] : last] = slots[other, : lengths[other]]
            indptr[drawn + 1] = last
            correction[drawn] = math.log(gap[other]) if by_popularity else 0.0
            rarer += 1.0 if gap[other] > apart else 0.5 if gap[other] == apart else 0.0
            drawn += 1
        if drawn > start[i]:
            less_popular[i] = rarer / (drawn - start[i])
        start[i + 1] = drawn
        if weight[i] > 0.0 and length <= len(entries):
            _show(row, item, entries, length, counts, items, lengths, slots, seen, gap, used, recent)
