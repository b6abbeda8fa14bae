"""Replay of rare positives: each is learned for a part when it comes, and for the rest again later, among others.

Lin (1992), "Self-improving reactive agents based on reinforcement learning, planning and teaching", Machine Learning 8,
for the experience that is kept; the reservoir is bounded and forgets evenly. A positive that comes weighs ``1 - share``
of its weight and lets ``times`` stored ones be learned, each with ``share / times`` of its own: as much weight as came
is learned in the long mean, so calibration keeps.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.augment.rows import Rows
from udfs.drift.state import restore
from udfs.features import Batch, Space
from udfs.hashing.murmur3 import mix32
from udfs.jit import kernel
from udfs.schema import Replay
from udfs.training.chance import salted
from udfs.types import F32, F64, I32, I64, U16, U32, Arrays

LONGEST: Final = 64
"""Positives with more entries are learned when they come, and are not stored."""

_PURPOSE: Final = 3
_COUNT = 0


class PositiveReplay:
    """A reservoir of positives.

    Once it is full, a positive takes the place of one that is drawn. State: ``stored`` int64 (1,) how many there are;
    ``length`` int32 (size,); ``slot`` uint32, ``value`` float32 and ``field`` uint16 (size, LONGEST); ``dense`` float64
    (size, d); ``weight`` float64 (size,); ``time`` int64 (size,).
    """

    def __init__(self, rules: Replay, space: Space, seed: int) -> None:
        self._rules, self._salt = rules, salted(seed, _PURPOSE)
        size = rules.size
        self._stored: I64 = np.zeros(1, np.int64)
        self._length: I32 = np.zeros(size, np.int32)
        self._slot: U32 = np.zeros((size, LONGEST), np.uint32)
        self._value: F32 = np.zeros((size, LONGEST), np.float32)
        self._field: U16 = np.zeros((size, LONGEST), np.uint16)
        self._dense: F64 = np.zeros((size, space.width))
        self._weight: F64 = np.zeros(size)
        self._time: I64 = np.zeros(size, np.int64)

    def rows(self, batch: Batch) -> Rows:
        """Return every example, and behind each positive those that are replayed; the positives enter the reservoir."""
        positives = int(np.count_nonzero((batch.label > 0.5) & (batch.weight > 0.0)))
        room = len(batch) + positives * self._rules.times
        entries = len(batch.slot) + positives * self._rules.times * LONGEST
        indptr, place = np.zeros(room + 1, np.int32), np.empty(len(batch), np.int64)
        slot, value, field = np.empty(entries, np.uint32), np.empty(entries, np.float32), np.empty(entries, np.uint16)
        dense, label, weight = np.empty((room, batch.dense.shape[1])), np.empty(room), np.empty(room)
        time, lot = np.empty(room, np.int64), np.empty(room, np.uint32)
        rows = _replay(
            batch.indptr,
            batch.slot,
            batch.value,
            batch.field,
            batch.dense,
            batch.label,
            batch.weight,
            batch.time,
            batch.lot,
            self._rules.share,
            self._rules.times,
            self._salt,
            self._stored,
            self._length,
            self._slot,
            self._value,
            self._field,
            self._dense,
            self._weight,
            self._time,
            indptr,
            slot,
            value,
            field,
            dense,
            label,
            weight,
            time,
            lot,
            place,
        )
        last = indptr[rows]
        late = None
        if batch.late is not None:
            # Only negatives are weighed by it, and none is replayed.
            late = np.zeros(rows)
            late[place] = batch.late
        return Rows(
            Batch(
                indptr[: rows + 1],
                slot[:last],
                value[:last],
                field[:last],
                dense[:rows],
                label[:rows],
                weight[:rows],
                time[:rows],
                late,
                lot[:rows],
            ),
            place,
        )

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next examples."""
        names = ("stored", "length", "slot", "value", "field", "dense", "weight", "time")
        return {name: getattr(self, f"_{name}") for name in names}

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of this reservoir.
        """
        restore(self.dump(), arrays, "a reservoir of positives")


@kernel
def _drawn(lot: np.uint32, salt: int, number: int, below: int) -> np.int64:
    mixed = mix32(np.uint32(mix32(np.uint32(lot ^ np.uint32(salt))) + np.uint32(number)))
    return np.int64((np.uint64(mixed) * np.uint64(below)) >> np.uint64(32))


@kernel
def _put(
    indptr: I32,
    row: int,
    slots: U32,
    values: F32,
    fields: U16,
    slot: U32,
    value: F32,
    field: U16,
) -> None:
    """Append entries as a row."""
    at = indptr[row]
    for e in range(len(slots)):
        slot[at + e], value[at + e], field[at + e] = slots[e], values[e], fields[e]
    indptr[row + 1] = at + len(slots)


@kernel
def _replay(
    pointers: I32,
    slots: U32,
    values: F32,
    fields: U16,
    numbers: F64,
    labels: F64,
    weights: F64,
    times: I64,
    lots: U32,
    share: float,
    repeats: int,
    salt: int,
    stored: I64,
    held_length: I32,
    held_slot: U32,
    held_value: F32,
    held_field: U16,
    held_dense: F64,
    held_weight: F64,
    held_time: I64,
    indptr: I32,
    slot: U32,
    value: F32,
    field: U16,
    dense: F64,
    label: F64,
    weight: F64,
    time: I64,
    lot: U32,
    place: I64,
) -> int:
    row = 0
    for i in range(len(labels)):
        start, stop = pointers[i], pointers[i + 1]
        place[i] = row
        _put(indptr, row, slots[start:stop], values[start:stop], fields[start:stop], slot, value, field)
        dense[row], label[row], weight[row], time[row], lot[row] = numbers[i], labels[i], weights[i], times[i], lots[i]
        row += 1
        if not (labels[i] > 0.5 and weights[i] > 0.0) or stop - start > held_slot.shape[1]:
            continue
        if stored[_COUNT] > 0:
            weight[row - 1] *= 1.0 - share
            for k in range(repeats):
                one = _drawn(lots[i], salt, k, stored[_COUNT])
                last = held_length[one]
                _put(
                    indptr, row, held_slot[one, :last], held_value[one, :last], held_field[one, :last],
                    slot, value, field,
                )  # fmt: skip
                dense[row], label[row], weight[row] = held_dense[one], 1.0, held_weight[one] * share / repeats
                time[row], lot[row] = held_time[one], lots[i]
                row += 1
        one = stored[_COUNT]
        if one < len(held_length):
            stored[_COUNT] += 1
        else:
            one = _drawn(lots[i], salt, repeats, len(held_length))
        held_length[one] = stop - start
        held_slot[one, : stop - start] = slots[start:stop]
        held_value[one, : stop - start] = values[start:stop]
        held_field[one, : stop - start] = fields[start:stop]
        held_dense[one], held_weight[one], held_time[one] = numbers[i], weights[i], times[i]
    return row
