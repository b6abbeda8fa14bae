"""The stage of one bucket of users: duplicates, bots, feedback to impressions; then examples for every model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np

from udfs.decode.layout import Layout
from udfs.decode.reject import REASONS
from udfs.frames import Frame, Kind
from udfs.joining.examples import Joined
from udfs.joining.joiner import Joiner
from udfs.joining.watermark import Watermark
from udfs.quality.dead_letter import of_rejects, of_rows
from udfs.quality.dedup import Dedup
from udfs.quality.lateness import note_offsets
from udfs.schema import Plan
from udfs.stages.destinations import destination
from udfs.stages.ends import Ends, end_frame
from udfs.stages.parts import dump_arrays, load_arrays
from udfs.stages.selector import Selector
from udfs.stages.stage import MEMO, Output, Route
from udfs.stages.user_judge import PARTS, WHY, UserJudge
from udfs.types import Bool

REPORT_EVERY = 1_000_000
"""Microseconds of ingest time between two reports."""
_REMEMBERED = {Kind.EVENTS: ("id", "time", "offset", "part", "type"), Kind.REJECTS: ("reason", "offset", "part")}
_UINT64 = (1 << 64) - 1


class UserStage:
    """Takes event and reject frames of one bucket; puts out example frames, dead letters and counts.

    The checksum is the sum, modulo 2**64, of the first words of the accepted ids: the same for the same events in any
    order. Of what the rules about users find, ``rejected`` counts what went to the dead letters, ``anomalous`` what was
    dropped, ``suspected`` what was accepted nevertheless.
    """

    name: ClassVar[str] = "user"
    version: ClassVar[int] = 5

    def __init__(self, layout: Layout, bucket: int) -> None:
        self._layout, self._plan, self._bucket = layout, layout.plan, bucket
        rules = layout.plan.dedup
        self._dedup = Dedup(rules.window, -(-rules.max_ids // layout.plan.buckets), layout.plan.time.max_jump)
        self._last: dict[str, int] = {}
        self._counts = {"read": 0, "accepted": 0, "duplicates": 0}
        self._rejected: dict[str, int] = {}
        self._anomalous: dict[str, int] = {}
        self._suspected: dict[str, int] = {}
        self._checksum = 0
        self._reported = 0
        self._ends = Ends()
        self._types = tuple(event.name for event in layout.plan.events)
        self._labelled = [Selector(layout, i) for i, model in enumerate(layout.models) if not model.label.joined]
        users = layout.plan.anomalies.users
        self._judge = UserJudge(layout, users) if users else None
        self._remembered = _REMEMBERED[Kind.EVENTS] + (("user",) if users else ())
        self._joiner = Joiner(layout, layout.plan.join) if layout.plan.join else None
        self._joined = [
            [Selector(layout, i) for i, model in enumerate(layout.models) if model.label.joined == label.name]
            for label in (layout.plan.join.labels if layout.plan.join else ())
        ]
        self._time = Watermark(layout.plan.buckets)
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
        elif frame.kind == Kind.SKIPPED:
            self._skip(frame)
        elif frame.kind == Kind.PROGRESS:
            yield from self._pass_time(frame)
        elif frame.kind == Kind.END:
            yield from self._end(frame)

    def _end(self, frame: Frame) -> Iterator[Output]:
        if self._ends.complete(frame):
            if self._joiner is not None:
                yield from self._examples(self._joiner.flush(), self._reported)
            yield self._report()
            end = end_frame(self._bucket, self._plan.buckets, self._plan.epoch)
            for index in range(len(self._layout.models)):
                route, first, keys = destination(self._plan, index)
                for key in range(first, first + keys):
                    yield Output(route, key, end)

    def memo(self, frame: Frame) -> Frame:
        """Return what counts, the dedup window and rules take of a frame; what waits for feedback is kept whole."""
        if frame.kind not in _REMEMBERED or (frame.kind == Kind.EVENTS and self._joiner is not None):
            return frame
        names = self._remembered if frame.kind == Kind.EVENTS else _REMEMBERED[frame.kind]
        columns = {name: frame.columns[name] for name in names}
        meta = {"parts": frame.meta["parts"], "now": frame.meta["now"], MEMO: True}
        return Frame(frame.kind, frame.n, meta, columns)

    def _report(self) -> Output:
        document: dict[str, Any] = {
            "stage": self.name,
            "epoch": self._plan.epoch,
            "key": self._bucket,
            "now": self._reported,
            **self._counts,
            "checksum": f"{self._checksum:016x}",
            "rejected": self._rejected,
            "anomalous": self._anomalous,
            "suspected": self._suspected,
            "remembered": len(self._dedup),
            "forgotten": self._dedup.forgotten,
            "offsets": self._last,
        }
        if self._judge is not None:
            document["users"] = self._judge.counts
        if self._joiner is not None:
            document["joined"] = self._joiner.state
        return Output(Route.REPORT, 0, msgspec.json.encode(document, order="sorted"))

    def _skip(self, frame: Frame) -> None:
        for reason, n in frame.meta["skipped"].items():
            self._counts[reason] = self._counts.get(reason, 0) + n

    def _rejects(self, frame: Frame) -> Iterator[Output]:
        self._counts["read"] += frame.n
        note_offsets(frame, self._last)
        _add(self._rejected, Counter(REASONS[reason] for reason in frame.columns["reason"].tolist()))
        if MEMO not in frame.meta:
            for letter in of_rejects(frame, self._types):
                yield Output(Route.DEAD_LETTER, 0, letter)

    def _events(self, frame: Frame) -> Iterator[Output]:
        yield from self._pass_time(frame)
        columns = frame.columns
        note_offsets(frame, self._last)
        keep = self._dedup.filter(columns["id"], columns["time"], self._checked[columns["type"]])
        self._counts["read"] += frame.n
        self._counts["duplicates"] += frame.n - int(keep.sum())
        if self._judge is not None:
            frame, keep = yield from self._judged(self._judge, frame, keep)
        self._counts["accepted"] += int(keep.sum())
        self._checksum = (self._checksum + int(columns["id"][keep, 0].sum())) & _UINT64
        if self._joiner is not None:
            self._joiner.take(frame, keep)
        if MEMO not in frame.meta:
            for model in self._labelled:
                yield from model.labelled(frame, keep)

    def _judged(self, judge: UserJudge, frame: Frame, keep: Bool) -> Generator[Output, None, tuple[Frame, Bool]]:
        """Return the frame with what caps its weights, and which rows go on."""
        judged = judge.judge(frame, keep)
        kept = keep & ~judged.out
        if judge.caps:
            frame = Frame(frame.kind, frame.n, frame.meta, {**frame.columns, "cap": judged.cap}, frame.ragged)
        if not judged.reasons.any():
            return frame, kept
        quarantined = np.zeros(frame.n, np.bool_)
        quarantined[judged.quarantined] = True
        refused = judge.actions.count(judged, quarantined)
        _add(self._rejected, {f"bot_{name}": n for name, n in refused.items()})
        _add(self._anomalous, judge.actions.count(judged, judged.out & ~quarantined))
        _add(self._suspected, judge.actions.count(judged, kept))
        if len(judged.quarantined) and MEMO not in frame.meta:
            why = [WHY[number] for number in judged.reasons[judged.quarantined].tolist()]
            for letter in of_rows(frame, judged.quarantined, why, self.name, frame.meta["now"], self._types):
                yield Output(Route.DEAD_LETTER, 0, letter)
        return frame, kept

    def _pass_time(self, frame: Frame) -> Iterator[Output]:
        """Take the lane's time as it was before this frame, and let go what it closes."""
        if self._joiner is not None and "low" in frame.meta:
            lane, low, quiet, epoch = (frame.meta[name] for name in ("lane", "low", "quiet", "epoch"))
            self._time.note(lane, low, quiet, epoch)
            self._dedup.low = self._time.low
            yield from self._examples(self._joiner.advance(self._time.low), frame.meta["now"])

    def _examples(self, joined: Iterator[Joined], now: int) -> Iterator[Output]:
        for label, found, value, weight in joined:
            if self._joiner is not None:
                found = self._joiner.complete(found)
            rows = Frame(Kind.EVENTS, found.n, {**found.meta, "now": now}, found.columns, found.ragged)
            every = np.ones(rows.n, np.bool_)
            for model in self._joined[label]:
                yield from model.examples(rows, value, every, weight)

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield the counters, the ids of the dedup window, the users that rules know, what waits for feedback."""
        meta = [
            self._judge is not None,
            self._last,
            self._counts,
            self._rejected,
            self._anomalous,
            self._suspected,
            self._checksum,
            self._reported,
            self._ends.dump(),
            self._time.dump(),
        ]
        yield from dump_arrays(meta, {})
        yield from self._dedup.dump()
        if self._judge is not None:
            yield from self._judge.dump()
        if self._joiner is not None:
            yield from self._joiner.dump()

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        meta, _ = load_arrays(parts[:1])
        judged, self._last, self._counts, self._rejected, self._anomalous, self._suspected, *rest = meta
        self._checksum, self._reported, ends, time = rest
        self._ends.load(ends)
        self._time.load(time)
        self._dedup.load(parts[1:4])
        joined = 4 + PARTS * judged
        if judged and self._judge is not None:
            self._judge.load(parts[4:joined])
        if self._joiner is not None:
            self._joiner.load(parts[joined:])


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for name, n in more.items():
        counts[name] = counts.get(name, 0) + n


def make_user_stage(plan: Plan, bucket: int) -> UserStage:
    """Return the stage of one bucket."""
    return UserStage(Layout.of(plan), bucket)
