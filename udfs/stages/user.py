"""The stage of one bucket of users: lateness, duplicates, counts; then examples for every model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np

from udfs.decode.layout import Layout
from udfs.decode.reject import REASONS, Reason
from udfs.features.assemble import Assembler
from udfs.features.space import Space
from udfs.frames import Frame, Kind, encode
from udfs.hashing import hash32
from udfs.quality.dead_letter import of_reject, of_row
from udfs.quality.dedup import Dedup
from udfs.quality.lateness import advance, note_offsets, parts_of
from udfs.quality.partition import is_of_topic
from udfs.schema import Model, Plan
from udfs.stages.ends import Ends, end_frame
from udfs.stages.parts import dump_arrays, load_arrays
from udfs.stages.stage import MEMO, Output, Route
from udfs.types import I64, Bool

REPORT_EVERY = 1_000_000
"""Microseconds of ingest time between two reports."""
_REMEMBERED = {Kind.EVENTS: ("id", "time", "offset", "part", "type"), Kind.REJECTS: ("reason", "offset", "part")}
_UINT64 = (1 << 64) - 1


class UserStage:
    """Takes event and reject frames of one bucket; puts out example frames, dead letters and counts.

    The checksum is the sum, modulo 2**64, of the first words of the accepted ids: the same for the same events in any
    order.
    """

    name: ClassVar[str] = "user"
    version: ClassVar[int] = 2

    def __init__(self, layout: Layout, bucket: int) -> None:
        self._layout, self._plan, self._bucket = layout, layout.plan, bucket
        rules = layout.plan.dedup
        self._dedup = Dedup(rules.window, -(-rules.max_ids // layout.plan.buckets), layout.plan.time.max_jump)
        self._clock: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._counts = {"read": 0, "accepted": 0, "duplicates": 0}
        self._rejected: dict[str, int] = {}
        self._checksum = 0
        self._reported = 0
        self._ends = Ends()
        self._types = tuple(event.name for event in layout.plan.events)
        self._models = [_Selector(layout, i) for i in range(len(layout.models))]
        self._checked = np.array([bool(event.id) and rules.window > 0 for event in layout.plan.events], np.bool_)

    def process(self, frame: Frame) -> Iterator[Output]:
        """Take one frame."""
        now = frame.meta.get("now", 0)
        if now >= self._reported + REPORT_EVERY:
            self._reported = now
            yield self._report()
        if frame.kind == Kind.EVENTS:
            yield from self._events(frame)
        elif frame.kind == Kind.REJECTS:
            yield from self._rejects(frame)
        elif frame.kind == Kind.END and self._ends.complete(frame):
            yield self._report()
            end = end_frame(self._bucket, self._plan.buckets, self._plan.epoch)
            for key in range(sum(model.partitions for model in self._layout.models)):
                yield Output(Route.NEXT, key, end)

    def memo(self, frame: Frame) -> Frame:
        """Return what clocks, counts and the dedup window take from a frame."""
        if frame.kind not in _REMEMBERED:
            return frame
        columns = {name: frame.columns[name] for name in _REMEMBERED[frame.kind]}
        meta = {"parts": frame.meta["parts"], "now": frame.meta["now"], MEMO: True}
        return Frame(frame.kind, frame.n, meta, columns)

    def _report(self) -> Output:
        document = {
            "stage": self.name,
            "epoch": self._plan.epoch,
            "key": self._bucket,
            "now": self._reported,
            **self._counts,
            "checksum": f"{self._checksum:016x}",
            "rejected": self._rejected,
            "remembered": len(self._dedup),
            "forgotten": self._dedup.forgotten,
            "offsets": self._last,
            "times": self._clock,
        }
        return Output(Route.REPORT, 0, msgspec.json.encode(document, order="sorted"))

    def _rejects(self, frame: Frame) -> Iterator[Output]:
        self._counts["read"] += frame.n
        note_offsets(frame, self._last)
        for row in range(frame.n):
            reason = REASONS[frame.columns["reason"][row]]
            self._rejected[reason] = self._rejected.get(reason, 0) + 1
            if MEMO not in frame.meta:
                yield Output(Route.DEAD_LETTER, 0, of_reject(frame, row, self._types))

    def _events(self, frame: Frame) -> Iterator[Output]:
        late = self._advance(frame)
        keep = ~late
        if late.any():
            self._rejected[Reason.TOO_LATE] = self._rejected.get(Reason.TOO_LATE, 0) + int(late.sum())
            yield from self._too_late(frame, np.flatnonzero(late).tolist())
        columns = frame.columns
        fresh = self._dedup.filter(columns["id"], columns["time"], keep & self._checked[columns["type"]])
        duplicates = int((keep & ~fresh).sum())
        keep &= fresh
        accepted = int(keep.sum())
        self._counts["read"] += frame.n
        self._counts["duplicates"] += duplicates
        self._counts["accepted"] += accepted
        self._checksum = (self._checksum + int(columns["id"][keep, 0].sum())) & _UINT64
        if MEMO not in frame.meta:
            for model in self._models:
                yield from model.examples(frame, keep)

    def _too_late(self, frame: Frame, rows: list[int]) -> Iterator[Output]:
        message = f"more than {self._plan.time.lateness} microseconds behind its partition"
        for row in rows if MEMO not in frame.meta else ():
            kind = self._types[frame.columns["type"][row]]
            yield Output(Route.DEAD_LETTER, 0, of_row(frame, row, Reason.TOO_LATE, message, self.name, kind))

    def _advance(self, frame: Frame) -> Bool:
        names = frame.meta["parts"]
        clock = np.array([self._clock.get(name, 0) for name in names], np.int64)
        last = np.array([self._last.get(name, -1) for name in names], np.int64)
        late = np.empty(frame.n, np.bool_)
        rules = self._plan.time
        lateness = -1 if rules.lateness is None else rules.lateness
        columns = frame.columns
        advance(columns["time"], columns["offset"], columns["part"], lateness, rules.max_jump, clock, last, late)
        for i in parts_of(frame):
            # How far a file was read [read] knows, and its clock only tells who is late: a folder of files must not
            # fill the state.
            if is_of_topic(names[i]):
                self._last[names[i]] = int(last[i])
            if is_of_topic(names[i]) or rules.lateness is not None:
                self._clock[names[i]] = int(clock[i])
        return late

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield the counters, then the ids of the dedup window."""
        meta = [
            self._clock,
            self._last,
            self._counts,
            self._rejected,
            self._checksum,
            self._reported,
            self._ends.dump(),
        ]
        yield from dump_arrays(meta, {})
        yield from self._dedup.dump()

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        meta, _ = load_arrays(parts[:1])
        self._clock, self._last, self._counts, self._rejected, self._checksum, self._reported, ends = meta
        self._ends.load(ends)
        self._dedup.load(parts[1:])


class _Selector:
    """Cuts the examples of one model out of event frames."""

    def __init__(self, layout: Layout, index: int) -> None:
        self._layout, self._index = layout, index
        self._model: Model = layout.models[index]
        space = Space.of(layout.features, self._model.features)
        self._singles = [layout.singles.index(name) for name in Assembler(space, layout.singles, ()).singles]
        self._whole = self._singles == list(range(len(layout.singles)))
        self._multiples = [name for name in layout.multiples if name in space.names]
        self._numbers = number_columns(layout, self._model)
        self._vectors = _vector_columns(layout, space)
        self._first_key = sum(model.partitions for model in layout.models[:index])

    def examples(self, frame: Frame, keep: Bool) -> Iterator[Output]:
        label = frame.columns["label"][:, self._index]
        chosen = keep & ~np.isnan(label)
        if self._model.keyed_by:
            pointers = frame.ragged[f"key.{self._model.keyed_by}"].pointers
            chosen &= np.diff(pointers) > 0
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return
        for partition, mine in self._partitions(frame, rows):
            yield Output(Route.NEXT, self._first_key + partition, encode(self._frame(frame, mine)))

    def _partitions(self, frame: Frame, rows: I64) -> Iterator[tuple[int, I64]]:
        if self._model.partitions == 1 or not self._model.keyed_by:
            yield 0, rows
            return
        keys = frame.ragged[f"key.{self._model.keyed_by}"]
        partition = np.array([hash32(keys.bytes_at(row), 0) % self._model.partitions for row in rows.tolist()])
        for number in np.unique(partition).tolist():
            yield number, rows[partition == number]

    def _frame(self, frame: Frame, rows: I64) -> Frame:
        source = frame.columns
        every = len(rows) == frame.n

        def take(name: str) -> Any:
            return source[name] if every else source[name].take(rows, axis=0)

        single = take("single")
        columns: dict[str, Any] = {
            "id": take("id"),
            "time": take("time"),
            "offset": take("offset"),
            "part": take("part"),
            "single": single if self._whole else single[:, self._singles],
            "present": take("present"),
            "number": take("number")[:, self._numbers],
            "label": take("label")[:, self._index],
            "weight": take("weight")[:, self._index] if "weight" in source else np.ones(len(rows)),
        }
        if source["index"].any():
            columns["index"] = take("index")
        if self._vectors:
            columns["vector"] = take("vector")[:, self._vectors]
        ragged = {f"multiple.{name}": frame.ragged[f"multiple.{name}"].take(rows) for name in self._multiples}
        if self._model.keyed_by:
            ragged["key"] = frame.ragged[f"key.{self._model.keyed_by}"].take(rows)
        samples = frame.ragged["sample"] if every else frame.ragged["sample"].take(rows)
        if len(samples.values):
            ragged["sample"] = samples
        meta = {"parts": frame.meta["parts"], "now": frame.meta["now"]}
        return Frame(Kind.EXAMPLES, len(rows), meta, columns, ragged)


def number_columns(layout: Layout, model: Model) -> list[int]:
    """Return which number columns of event frames a model's example frames carry, in order."""
    kinds = layout.features.features
    fields = {getattr(kinds[name], "field", "") for name in model.features}
    return [i for i, field in enumerate(layout.numbers) if field in fields]


def _vector_columns(layout: Layout, space: Space) -> list[int]:
    columns: list[int] = []
    at = 0
    for name in layout.vectors:
        length = int(getattr(layout.features.features[name], "length", 0))
        if name in space.names:
            columns += range(at, at + length)
        at += length
    return columns


def make_user_stage(plan: Plan, bucket: int) -> UserStage:
    """Return the stage of one bucket."""
    return UserStage(Layout.of(plan), bucket)
