"""The stage of one model, or of one partition of a keyed model: score, judge, learn; weights out at every snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np

from udfs.decode.layout import Layout
from udfs.drift.state import below
from udfs.evaluation.progressive import Progressive
from udfs.features import Batch, Space
from udfs.features.assemble import Assembler
from udfs.frames import Frame, Kind
from udfs.joining.late_share import LateShare, counted, in_turn
from udfs.learners import make
from udfs.learners.learner import Frozen, State
from udfs.quality.dead_letter import of_rejects
from udfs.quality.lateness import CLOCK, advance, note_offsets
from udfs.schema import Model, Plan
from udfs.stages.chunks import cut
from udfs.stages.ends import Ends, end_frame
from udfs.stages.examples_queue import pieces
from udfs.stages.guards import Guards
from udfs.stages.parts import dump_arrays, load_arrays, numbered
from udfs.stages.samples import Samples
from udfs.stages.selector import number_names
from udfs.stages.stage import CUTS, MEMO, LateFailure, Output, Route
from udfs.stages.user import REPORT_EVERY
from udfs.training.trainer import Trainer
from udfs.types import F64, I64, Bool

_PLAIN = (
    *("_examples", "_snapshots", "_refused_keys", "_failed", "_served_time"),
    *("_now", "_reported", "_snapshot_now", "_unsent", "_offsets"),
)
"""Attributes that are stored as they are."""


class TrainStage:
    """Takes example frames of one model; puts out weights and metrics."""

    name: ClassVar[str] = "train"
    version: ClassVar[int] = 5

    def __init__(self, layout: Layout, index: int, partition: int) -> None:
        self._index, self._partition = index, partition
        self._model: Model = layout.models[index]
        self._bounded, self._epoch = layout.plan.bounded, layout.plan.epoch
        self._max_jump = layout.plan.time.max_jump
        space = Space.of(layout.features, self._model.features)
        numbers = number_names(layout, self._model)
        self._assembler = Assembler(space, layout.singles, numbers)
        self._learner = make(self._model, space)
        self._training = Trainer(self._model, self._learner)
        self._states: dict[str, State] = {} if self._model.keyed_by else {"": self._learner.init()}
        self._served: dict[str, Frozen] = {}
        judged_by = (self._learner.task, self._model.window, self._model.threshold)
        self._metrics = {clock: Progressive(*judged_by) for clock in ("fresh", "as_served")}
        self._examples = self._snapshots = self._refused_keys = self._failed = 0
        self._clock: I64 = np.zeros((1, CLOCK), np.int64)
        self._served_time = self._now = self._reported = self._snapshot_now = 0
        self._unsent = False
        self._offsets: dict[str, int] = {}
        self._samples = Samples()
        self._guards = Guards(layout, self._model, partition, self.name)
        self._ends = Ends()
        self._late = LateShare(layout.plan, self._model)

    def process(self, frame: Frame) -> Iterator[Output]:
        """Take one frame."""
        yield from self._clocks(frame)
        if frame.kind == Kind.EXAMPLES:
            yield from self._learn(frame)
        elif frame.kind == Kind.TICK and "commands" in frame.meta:
            yield from self._guarded(frame, self._guards.breaker.obey(frame.meta["commands"], self._epoch))
        elif frame.kind == Kind.REJECTS:
            self._failed += frame.n
            if "late" in frame.meta:
                self._guards.breaker.skip(frame.meta["late"])
            for letter in of_rejects(frame) if MEMO not in frame.meta else ():
                yield Output(Route.DEAD_LETTER, 0, letter)
        elif frame.kind == Kind.END and self._ends.complete(frame):
            yield from self._guarded(frame, self._guards.breaker.flush())
            if self._unsent and not self._guards.breaker.is_open:
                yield from self._snapshot()
            yield self._report(final=True)
            yield Output(Route.NEXT, self._index, end_frame(self._partition, self._model.partitions, self._epoch))

    def memo(self, frame: Frame) -> Frame:
        """Return an example frame without what identifies its events, and of rejects how many they are."""
        if frame.kind == Kind.REJECTS:
            late = {"late": frame.meta["late"]} if "late" in frame.meta else {}
            return Frame(frame.kind, frame.n, {"now": frame.meta["now"], MEMO: True, **late})
        if frame.kind != Kind.EXAMPLES or self._guards.filters.identified:
            return frame
        unneeded = ("id",) if self._model.breaker else ("id", "index")
        columns = {name: column for name, column in frame.columns.items() if name not in unneeded}
        return Frame(frame.kind, frame.n, frame.meta, columns | self._training.lots(frame), frame.ragged)

    def _clocks(self, frame: Frame) -> Iterator[Output]:
        now = frame.meta.get("now", 0)
        self._now = max(self._now, now)
        seconds = self._model.snapshot_seconds
        if seconds is not None and not self._bounded:
            if self._snapshot_now == 0:
                self._snapshot_now = now
            elif self._unsent and now >= self._snapshot_now + seconds * 1_000_000 and not self._guards.breaker.is_open:
                yield from self._snapshot()
        if now >= self._reported + REPORT_EVERY:
            self._reported = now
            yield self._report(final=False)

    def _learn(self, frame: Frame) -> Iterator[Output]:
        drawn = Frame(frame.kind, frame.n, frame.meta, frame.columns | self._training.lots(frame), frame.ragged)
        yield from self._guarded(frame, self._guards.breaker.take(drawn))

    def _guarded(self, frame: Frame, freed: Iterator[Frame]) -> Iterator[Output]:
        """Learn what a frame has the guards let go."""
        first = 0
        for found in self._guards.pass_on(freed, self._now):
            if not isinstance(found, Frame):
                yield found
                continue
            for piece in pieces(found, [number - first for number in frame.meta.get(CUTS, ())]):
                try:
                    yield from self._learn_in_order(piece)
                except Exception as error:
                    if self._guards.breaker.late:
                        raise LateFailure(piece, first, self._now) from error
                    raise
                first += piece.n

    def _learn_in_order(self, frame: Frame) -> Iterator[Output]:
        row = 0
        by_count = self._bounded or self._model.snapshot_seconds is None
        every = -(-self._model.snapshot_examples // self._model.partitions)
        while row < frame.n:
            stop = min(frame.n, row + every - self._examples % every) if by_count else frame.n
            piece = frame if stop - row == frame.n else frame.slice(row, stop)
            self._remember(piece)
            for value, part in self._by_value(self._late.noted(piece)):
                self._learn_value(value, self._assembler.batch(part), counted(part))
                self._unsent |= self._training.learns(part.columns["time"])
            self._examples += piece.n
            row = stop
            if by_count and self._examples % every == 0 and self._unsent:
                yield from self._snapshot()

    def _by_value(self, frame: Frame) -> Iterator[tuple[str, Frame]]:
        if not self._model.keyed_by:
            yield "", frame
            return
        start = 0
        keys = frame.ragged["key"]
        names = [keys.bytes_at(i).decode() for i in range(frame.n)]
        for i in range(1, frame.n + 1):
            if i == frame.n or names[i] != names[start]:
                if self._known(names[start], i - start):
                    yield names[start], frame.slice(start, i)
                start = i

    def _known(self, value: str, rows: int) -> bool:
        if value not in self._states:
            if len(self._states) >= -(-self._model.max_values // self._model.partitions):
                self._refused_keys += rows
                return False
            self._states[value] = self._learner.init()
        return True

    def _learn_value(self, value: str, batch: Batch, judged: Bool) -> None:
        batch = self._training.drawn(batch)
        served = self._served.get(value)
        if served is not None:
            # The released model answers for impressions after it was made; earlier ones had an older release.
            after = judged & (batch.time > self._served_time)
            self._judge("as_served", self._learner.predict(served, batch), batch, after)
        first = self._metrics["fresh"].examples
        self._judge("fresh", self._training.learn(self._states, value, batch, first, judged), batch, judged)

    def _judge(self, clock: str, scores: F64, batch: Batch, judged: Bool) -> None:
        ranks = () if batch.unshown is None else (batch.unshown.ranks(),)
        columns = (scores, batch.label, batch.weight, *ranks)
        self._metrics[clock].update(*(columns if judged.all() else (column[judged] for column in columns)))

    def _remember(self, frame: Frame) -> None:
        # A positive that left early is newer than the negatives that are still to come.
        self._advance(frame.columns["time"][in_turn(frame)])
        note_offsets(frame, self._offsets)
        self._samples.add(frame)

    def _advance(self, times: I64) -> None:
        """Advance the model's event time; one broken clock among the events does not move it."""
        n = len(times)
        advance(times, np.zeros(n, np.uint16), -1, self._max_jump, 0, self._clock, np.empty(n, np.bool_))

    @property
    def _time(self) -> int:
        return int(self._clock[0, 0])

    def _snapshot(self) -> Iterator[Output]:
        self._snapshots += 1
        self._unsent = False
        self._snapshot_now = self._now
        self._served = {value: self._learner.freeze(state) for value, state in self._states.items()}
        self._served_time = self._time
        arrays = numbered("", self._served)
        rows, scores = self._sampled()
        meta = {
            "values": list(self._served),
            "examples": self._examples,
            "event_time": self._time,
            "offsets": self._offsets,
            "now": self._now,
            "metrics": {clock: metrics.report() for clock, metrics in self._metrics.items()},
            "breaker": self._guards.breaker.summary(),
            "rows": rows,
            "scores": scores,
            **self._training.report(),
        }
        parts = list(dump_arrays(meta, arrays))
        header = {"partition": self._partition, "snapshot": self._snapshots, "now": self._now}
        for payload in cut(parts, header):
            yield Output(Route.NEXT, self._index, payload)

    def _sampled(self) -> tuple[list[Any], list[float]]:
        rows: list[Any] = []
        scores: list[float] = []
        for frame in self._samples.rows():
            value = frame.ragged["key"].bytes_at(0).decode() if self._model.keyed_by else ""
            if value in self._served:
                rows.append(msgspec.json.decode(frame.ragged["sample"].bytes_at(0)))
                score: F64 = self._learner.predict(self._served[value], self._assembler.batch(frame))
                scores.append(float(score[0]))
        return rows, scores

    def _report(self, final: bool) -> Output:
        document: dict[str, Any] = {
            "stage": self.name,
            "epoch": self._epoch,
            "model": self._model.name,
            "key": self._partition,
            "now": self._now,
            "examples": self._examples,
            "failed": self._failed,
            "refused_keys": self._refused_keys,
            "progressive": {clock: metrics.report() for clock, metrics in self._metrics.items()},
            **self._training.report(),
            **self._guards.report(),
        }
        if final:
            document["curve"] = {clock: metrics.curve() for clock, metrics in self._metrics.items()}
        return Output(Route.REPORT, 0, msgspec.json.encode(document, order="sorted"))

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield counters, metrics, the learner's state and served parameters of every key value, guards, samples."""
        samples = list(self._samples.dump())
        guards, guarding, waiting = self._guards.dump()
        meta = [
            [getattr(self, name) for name in _PLAIN],
            self._clock[0].tolist(),
            *map(list, (self._states, self._served)),
            self._ends.dump(),
            guards,
            [len(waiting), len(samples)],
        ]
        arrays = {"late": self._late.sums, **{f"guards.{name}": array for name, array in guarding.items()}}
        for clock, metrics in self._metrics.items():
            arrays |= {f"{clock}.{name}": array for name, array in metrics.state().items()}
        arrays |= {f"training.{name}": array for name, array in self._training.dump().items()}
        arrays |= numbered("state.", self._states) | numbered("served.", self._served)
        yield from dump_arrays(meta, arrays)
        yield from waiting
        yield from samples

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        waiting, samples = msgspec.json.decode(parts[0])["meta"][-1]
        first, last = len(parts) - waiting - samples, len(parts) - samples
        meta, arrays = load_arrays(parts[:first])
        plain, clock, values, served, ends, guards, _ = meta
        for name, value in zip(_PLAIN, plain, strict=True):
            setattr(self, name, value)
        self._guards.load(guards, below(arrays, "guards."), parts[first:last])
        self._samples.load(parts[last:])
        self._ends.load(ends)
        self._clock[0] = clock
        self._late.sums = arrays["late"]
        for name, metrics in self._metrics.items():
            metrics.load(below(arrays, f"{name}."))
        self._training.load(below(arrays, "training."))
        self._states = {value: below(arrays, f"state.{i}.") for i, value in enumerate(values)}
        self._served = {value: below(arrays, f"served.{i}.") for i, value in enumerate(served)}


def make_train_stage(plan: Plan, key: int) -> TrainStage:
    """Return the stage of one (model, partition), numbered in the order of the models."""
    layout = Layout.of(plan)
    for index, model in enumerate(layout.models):
        if key < model.partitions:
            return TrainStage(layout, index, key)
        key -= model.partitions
    raise IndexError(key)
