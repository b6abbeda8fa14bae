"""Example frames to batches: crosses and time parts are made here, so that they never travel."""

from __future__ import annotations

import numpy as np

from udfs.features.batch import Batch
from udfs.features.space import Space
from udfs.features.values import MICROSECONDS_PER_HOUR
from udfs.frames import Frame
from udfs.hashing import hash32
from udfs.jit import kernel
from udfs.schema import Categorical, Cross, Number, TimePart
from udfs.schema.feature import MULTIPLE
from udfs.types import F64, I32, I64, U16, U32, U64, Bool


@kernel
def _select(single: U32, present: U64, column: int, bit: int, out: U32, there: Bool) -> None:
    word, mask = bit >> 6, np.uint64(1) << np.uint64(bit & 63)
    for row in range(len(out)):
        out[row] = single[row, column]
        there[row] = (present[row, word] & mask) != 0


@kernel
def _time_part(time: I64, offset: int, weekday: bool, table: U32, out: U32) -> None:
    for row in range(len(out)):
        hours = (time[row] + offset) // MICROSECONDS_PER_HOUR
        out[row] = table[(hours // 24 + 3) % 7] if weekday else table[hours % 24]


@kernel
def _combine(out: U32, there: Bool, part: U32, part_there: Bool) -> None:
    for row in range(len(out)):
        h = np.uint32(np.uint32(out[row] * np.uint32(0x9E3779B1)) ^ part[row])
        out[row] = h ^ (h >> np.uint32(15))
        there[row] &= part_there[row]


@kernel
def _count(there: Bool, lengths: I32) -> None:
    for row in range(len(there)):
        lengths[row] += there[row]


@kernel
def _place(hashes: U32, there: Bool, index: int, cursor: I32, slot: U32, field: U16) -> None:
    for row in range(len(hashes)):
        if there[row]:
            slot[cursor[row]] = hashes[row]
            field[cursor[row]] = index
            cursor[row] += 1


@kernel
def _place_ragged(pointers: U32, values: U32, index: int, cursor: I32, slot: U32, field: U16) -> None:
    for row in range(len(cursor)):
        for j in range(pointers[row], pointers[row + 1]):
            slot[cursor[row]] = values[j]
            field[cursor[row]] = index
            cursor[row] += 1


class Assembler:
    """Makes batches for one space.

    Example frames hold ``single`` (n, singles of the space), ``present`` (bits as in event frames), ``number``,
    ``vector``, ``multiple.NAME``, ``label``, ``weight``, ``id`` and ``time``.
    """

    def __init__(self, space: Space, singles: tuple[str, ...], numbers: tuple[str, ...]) -> None:
        """Keep the order of columns: ``singles`` are those of event frames, ``numbers`` those of the example frames."""
        self.space = space
        kinds = space.features.features
        self.singles = tuple(name for name in singles if name in kinds and isinstance(kinds[name], Categorical))
        self._bits = [singles.index(name) for name in self.singles]
        self._numbers = numbers
        self._tables = {
            name: np.array([hash32(str(i), space.features.seed_of(name)) for i in range(24)], np.uint32)
            for name, feature in kinds.items()
            if isinstance(feature, TimePart)
        }

    def batch(self, frame: Frame) -> Batch:
        """Return the examples of a frame, in order."""
        slots: dict[str, tuple[U32, Bool]] = {}
        lengths = np.zeros(frame.n, np.int32)
        for name in self.space.hashed:
            if isinstance(self.space.features.features[name], MULTIPLE):
                lengths += np.diff(frame.ragged[f"multiple.{name}"].pointers).astype(np.int32)
            else:
                _count(self._one(name, frame, slots)[1], lengths)
        indptr = np.zeros(frame.n + 1, np.int32)
        np.cumsum(lengths, out=indptr[1:])
        total = int(indptr[-1])
        slot, field, cursor = np.empty(total, np.uint32), np.empty(total, np.uint16), indptr[:-1].copy()
        for index, name in enumerate(self.space.hashed):
            if name in slots:
                _place(*slots[name], index, cursor, slot, field)
            else:
                ragged = frame.ragged[f"multiple.{name}"]
                _place_ragged(ragged.pointers, ragged.values, index, cursor, slot, field)
        columns = frame.columns
        return Batch(
            indptr,
            slot,
            np.ones(total, np.float32),
            field,
            self._dense(frame),
            columns["label"],
            columns["weight"],
            columns["id"],
            columns["time"],
        )

    def _one(self, name: str, frame: Frame, done: dict[str, tuple[U32, Bool]]) -> tuple[U32, Bool]:
        if name in done:
            return done[name]
        feature = self.space.features.features[name]
        out, there = np.empty(frame.n, np.uint32), np.ones(frame.n, np.bool_)
        if isinstance(feature, Cross):
            out[:] = self.space.features.seed_of(name)
            for part in feature.of:
                _combine(out, there, *self._one(part, frame, done))
            out *= np.uint32(0x85EBCA6B)
        elif isinstance(feature, TimePart):
            offset = feature.offset_minutes * 60_000_000
            _time_part(frame.columns["time"], offset, feature.part == "weekday", self._tables[name], out)
        else:
            column = self.singles.index(name)
            _select(frame.columns["single"], frame.columns["present"], column, self._bits[column], out, there)
        done[name] = out, there
        return out, there

    def _dense(self, frame: Frame) -> F64:
        dense = np.empty((frame.n, self.space.width))
        at = vector_at = 0
        for name in self.space.dense:
            feature = self.space.features.features[name]
            if isinstance(feature, Number):
                values = frame.columns["number"][:, self._numbers.index(feature.field)]
                dense[:, at] = np.copysign(np.log1p(np.abs(values)), values) if feature.log else values
                at += 1
            else:
                length = int(getattr(feature, "length", 0))
                dense[:, at : at + length] = frame.columns["vector"][:, vector_at : vector_at + length]
                at, vector_at = at + length, vector_at + length
        return dense
