"""The stage of one bucket of a model's items: examples are judged, find how their items did, and go to [train]."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np

from udfs.behaviour.items import PARTS, make_item_behaviour
from udfs.frames import Frame, Kind, encode
from udfs.quality.anomaly.actions import capped
from udfs.quality.dead_letter import of_rejects, of_rows
from udfs.schema import ItemKeys, Plan, item_keys
from udfs.stages.destinations import TO, first_train_key
from udfs.stages.ends import Ends, end_frame
from udfs.stages.item_judge import NEEDED, TURN, WHY, ItemJudge
from udfs.stages.parts import dump_arrays, load_arrays
from udfs.stages.stage import MEMO, Output, Route
from udfs.stages.user import REPORT_EVERY
from udfs.types import Bool


class ItemStage:
    """Takes example frames of one model, with the columns ``item``, ``to``, and ``user`` for rules, which end here.

    ``examples`` counts those that came, ``anomalous`` those that were dropped, ``quarantined`` those that became dead
    letters, ``suspected`` those that went on nevertheless.
    """

    name: ClassVar[str] = "item"
    version: ClassVar[int] = 1

    def __init__(self, plan: Plan, index: int, keys: ItemKeys, partition: int) -> None:
        self._model, self._partition, self._epoch = plan.models[index], partition, plan.epoch
        first = first_train_key(plan, index)
        self._train_keys = range(first, first + self._model.partitions)
        rules = self._model.anomalies.items
        self._senders, self._judge = keys.partitions, ItemJudge(rules) if rules is not None else None
        self._behaviour = make_item_behaviour(plan, self._model)
        self._examples = self._failed = self._now = self._reported = 0
        self._counts: dict[str, dict[str, int]] = {"anomalous": {}, "quarantined": {}, "suspected": {}}
        self._ends = Ends()

    def process(self, frame: Frame) -> Iterator[Output]:
        """Take one frame."""
        self._now = max(self._now, frame.meta.get("now", 0))
        if self._now >= self._reported + REPORT_EVERY:
            self._reported = self._now
            yield self._report()
        if frame.kind == Kind.EXAMPLES:
            yield from self._pass(frame)
        elif frame.kind == Kind.REJECTS:
            self._failed += frame.n
            for letter in of_rejects(frame) if MEMO not in frame.meta else ():
                yield Output(Route.DEAD_LETTER, 0, letter)
        elif frame.kind == Kind.PROGRESS:
            yield from self._to_all(encode(frame))
        elif frame.kind == Kind.END and self._ends.complete(frame):
            yield self._report()
            yield from self._to_all(end_frame(self._partition, self._senders, self._epoch))

    def memo(self, frame: Frame) -> Frame:
        """Return of examples what rules and features of items look at, and of rejects how many they are."""
        if frame.kind == Kind.REJECTS:
            return Frame(frame.kind, frame.n, {"now": frame.meta["now"], MEMO: True})
        if frame.kind != Kind.EXAMPLES:
            return frame
        columns = {name: column for name, column in frame.columns.items() if name in (*NEEDED, TURN)}
        return Frame(frame.kind, frame.n, {"now": frame.meta["now"], MEMO: True}, columns)

    def _to_all(self, data: bytes) -> Iterator[Output]:
        for key in self._train_keys:
            yield Output(Route.NEXT, key, data)

    def _pass(self, frame: Frame) -> Iterator[Output]:
        self._examples += frame.n
        going, kept = frame, np.ones(frame.n, np.bool_)
        if self._judge is not None:
            going, kept = yield from self._judged(self._judge, frame)
        if self._behaviour is not None:
            going = self._behaviour.complete(going, kept)
        if MEMO in frame.meta:
            return
        columns = {name: column for name, column in going.columns.items() if name not in ("item", "user", TO)}
        going = Frame(frame.kind, frame.n, frame.meta, columns, going.ragged)
        keys = np.where(kept, frame.columns[TO], -1)
        for key in self._train_keys:
            rows = np.flatnonzero(keys == key)
            if len(rows):
                yield Output(Route.NEXT, key, encode(going if len(rows) == frame.n else going.pick(rows)))

    def _judged(self, judge: ItemJudge, frame: Frame) -> Generator[Output, None, tuple[Frame, Bool]]:
        """Return the frame with weights that are capped, and which rows go on."""
        judged = judge.judge(frame)
        if not judged.reasons.any():
            return frame, ~judged.out
        quarantined = np.zeros(frame.n, np.bool_)
        quarantined[judged.quarantined] = True
        parts = {"anomalous": judged.out & ~quarantined, "quarantined": quarantined, "suspected": ~judged.out}
        for name, chosen in parts.items():
            counts = self._counts[name]
            for reason, n in judge.actions.count(judged, chosen).items():
                counts[reason] = counts.get(reason, 0) + n
        if MEMO in frame.meta:
            return frame, ~judged.out
        why = [WHY[number] for number in judged.reasons[judged.quarantined].tolist()]
        for letter in of_rows(frame, judged.quarantined, why, self.name, frame.meta["now"]):
            yield Output(Route.DEAD_LETTER, 0, letter)
        weight = capped(frame.columns["weight"], judged.cap)
        return Frame(frame.kind, frame.n, frame.meta, {**frame.columns, "weight": weight}, frame.ragged), ~judged.out

    def _report(self) -> Output:
        document: dict[str, Any] = {
            "stage": self.name,
            "epoch": self._epoch,
            "model": self._model.name,
            "key": self._partition,
            "now": self._now,
            "examples": self._examples,
            "failed": self._failed,
            **self._counts,
            **(self._judge.counts if self._judge is not None else {}),
        }
        if self._behaviour is not None:
            document["behaviour"] = self._behaviour.state
        return Output(Route.REPORT, 0, msgspec.json.encode(document, order="sorted"))

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield the counters, then what rules know of items, then what features of them are made of."""
        meta = [self._examples, self._failed, self._now, self._reported, self._counts, self._ends.dump()]
        yield from dump_arrays(meta, {})
        for held in (self._judge, self._behaviour):
            if held is not None:
                yield from held.dump()

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        meta, _ = load_arrays(parts[:1])
        self._examples, self._failed, self._now, self._reported, self._counts, ends = meta
        self._ends.load(ends)
        at = len(parts) - (PARTS if self._behaviour is not None else 0)
        if self._judge is not None:
            self._judge.load(parts[1:at])
        if self._behaviour is not None:
            self._behaviour.load(parts[at:])


def make_item_stage(plan: Plan, key: int) -> ItemStage:
    """Return the stage of one (model, bucket of its items), numbered in the order of the models."""
    for index, model in enumerate(plan.models):
        keys = item_keys(plan, model)
        if keys is not None and key < keys.partitions:
            return ItemStage(plan, index, keys, key)
        key -= keys.partitions if keys is not None else 0
    raise IndexError(key)
