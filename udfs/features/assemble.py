"""Example frames to batches: crosses and time parts are made here, so that they never travel."""

from __future__ import annotations

import numpy as np

from udfs.features.batch import Batch
from udfs.features.hash_kernel import CROSS, ONE, SEVERAL, TIMED, fill, time_part
from udfs.features.space import Space
from udfs.frames import Frame
from udfs.hashing import hash32
from udfs.schema import Categorical, Cross, TimePart
from udfs.schema.feature import MULTIPLE, NUMERIC, input_of, names_of
from udfs.types import F64, I32, I64, U16, U32

_MICROSECONDS_PER_MINUTE = 60_000_000


class Assembler:
    """Makes batches for one space.

    Example frames hold ``single`` (n, singles of the space), ``present`` (bits as in event frames), ``number``,
    ``vector``, ``multiple.NAME``, ``label``, ``weight`` and ``time``; and ``late`` where negatives may be early.
    """

    def __init__(self, space: Space, singles: tuple[str, ...], numbers: tuple[str, ...]) -> None:
        """Keep the order of columns: ``singles`` are those of event frames, ``numbers`` those of the example frames."""
        self.space = space
        kinds = space.features.features
        self.singles = tuple(name for name in singles if name in kinds and isinstance(kinds[name], Categorical))
        self._bits = [singles.index(name) for name in self.singles]
        self._numbers = numbers
        self._multiples = [name for name in space.hashed if isinstance(kinds[name], MULTIPLE)]
        self._timed = {name: i for i, name in enumerate(names_of(space.features, (TimePart,)))}
        self._tables: list[U32] = [
            np.array([hash32(str(i), space.features.seed_of(name)) for i in range(24)], np.uint32)
            for name in self._timed
        ]
        self._parts: I64 = np.zeros((0, 2), np.int64)
        self._steps: I64 = np.array([self._step(name) for name in space.hashed], np.int64).reshape(-1, 4)

    def _step(self, name: str) -> tuple[int, int, int, int]:
        feature = self.space.features.features[name]
        if name in self._multiples:
            return SEVERAL, self._multiples.index(name), 0, 0
        if isinstance(feature, Cross):
            first = len(self._parts)
            self._parts = np.concatenate([self._parts, [self._one(part) for part in feature.of]])
            return CROSS, self.space.features.seed_of(name), first, len(self._parts)
        return ONE, *self._one(name), 0

    def _one(self, name: str) -> tuple[int, int]:
        """Return where the hash of a feature of one hash is: a column, and its bit or ``TIMED``."""
        if name in self._timed:
            return self._timed[name], TIMED
        column = self.singles.index(name)
        return column, self._bits[column]

    def batch(self, frame: Frame) -> Batch:
        """Return the examples of a frame, in order."""
        columns = frame.columns
        pointers, values = self._ragged(frame)
        room = frame.n * (len(self._steps) - len(self._multiples)) + len(values)
        indptr: I32 = np.zeros(frame.n + 1, np.int32)
        slot: U32 = np.empty(room, np.uint32)
        field: U16 = np.empty(room, np.uint16)
        hashes = (columns["single"], columns["present"], self._time_parts(frame))
        total = fill(self._steps, self._parts, *hashes, pointers, values, indptr, slot, field)
        return Batch(
            indptr,
            slot[:total],
            np.ones(total, np.float32),
            field[:total],
            self._dense(frame),
            columns["label"],
            columns["weight"],
            columns["time"],
            columns.get("late"),
        )

    def _time_parts(self, frame: Frame) -> U32:
        """Return the hashes (time parts, n) of each time part."""
        out = np.empty((len(self._timed), frame.n), np.uint32)
        for name, i in self._timed.items():
            feature = self.space.features.features[name]
            if isinstance(feature, TimePart):
                offset = feature.offset_minutes * _MICROSECONDS_PER_MINUTE
                time_part(frame.columns["time"], offset, feature.part == "weekday", self._tables[i], out[i])
        return out

    def _ragged(self, frame: Frame) -> tuple[I64, U32]:
        """Return the ragged columns as one: pointers (columns, n + 1) into the values of all."""
        ragged = [frame.ragged[f"multiple.{name}"] for name in self._multiples]
        pointers = np.zeros((len(ragged), frame.n + 1), np.int64)
        start = 0
        for i, column in enumerate(ragged):
            np.add(column.pointers, start, out=pointers[i])
            start += len(column.values)
        if len(ragged) == 1:
            return pointers, ragged[0].values
        return pointers, np.concatenate([np.zeros(0, np.uint32), *(column.values for column in ragged)])

    def _dense(self, frame: Frame) -> F64:
        dense = np.empty((frame.n, self.space.width))
        at = vector_at = 0
        for name in self.space.dense:
            feature = self.space.features.features[name]
            if isinstance(feature, NUMERIC):
                values = frame.columns["number"][:, self._numbers.index(str(input_of(name, feature)))]
                dense[:, at] = np.copysign(np.log1p(np.abs(values)), values) if feature.log else values
                at += 1
            else:
                length = int(getattr(feature, "length", 0))
                dense[:, at : at + length] = frame.columns["vector"][:, vector_at : vector_at + length]
                at, vector_at = at + length, vector_at + length
        return dense
