"""The joiner of one bucket of users: from impressions and feedback to labels.

Everything is decided in the order of event time, once all that is older has arrived, so that the order of arrival
decides nothing. Feedback is attributed to the impression that it names; when the window of a label closes, the
impression's row leaves with what came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from udfs.behaviour.behaviour import Behaviour
from udfs.behaviour.record import features_of
from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, decode, encode
from udfs.frames.concat import concat
from udfs.joining.attribution import ANSWERED, LATE, UNKNOWN, WAITING
from udfs.joining.calendar import Calendar, Due
from udfs.joining.examples import Joined
from udfs.joining.impressions import LOG, Impressions, halved
from udfs.joining.order import by_time
from udfs.joining.pending import Pending
from udfs.joining.riding import columns_of, fitted
from udfs.joining.rules import rules_of, weights_of
from udfs.joining.searches import Searches
from udfs.joining.turns import Turns
from udfs.schema import Join
from udfs.stages.parts import Part, dump_arrays, load_arrays
from udfs.types import I64, U8, U64, Bool

UNIT = 1_000_000
"""Microseconds: event time goes on by so much at a time."""
_LEFT_OUT = ("label", "weight", "type", "ref", "user", "cap")
_END = 1 << 62
_MIX = np.uint64(0x9E3779B97F4A7C15)
_OUTCOMES = {ANSWERED: "answered", LATE: "late", UNKNOWN: "unknown"}


class Joiner:
    """Waits, attributes, labels.

    Attributes:
        counts: of impressions, how many came ``behind`` the time that had passed or were ``given_up``; of feedback,
            what became of it; of each label, examples and positives.
    """

    def __init__(self, layout: Layout, join: Join) -> None:
        self._join, self._riding, self._refs = join, layout.riding, layout.refs
        buckets = layout.plan.buckets
        names = [event.name for event in layout.plan.events]
        self._impression = names.index(join.impression)
        self._kinds: U8 = np.full(len(names), len(join.feedback), np.uint8)
        for i, feedback in enumerate(join.feedback):
            self._kinds[names.index(feedback.event)] = i
        self._rules = rules_of(join)
        self._weights = weights_of(join)
        self._impressions = Impressions(self._rules, join.horizon, -(-join.max_waiting // buckets))
        self._pending = Pending(-(-join.max_feedback // buckets), UNIT)
        self._calendars = _calendars(join)
        self._children = [
            [child for child, label in enumerate(join.labels) if label.population == parent.name]
            for parent in join.labels
        ]
        self._lasting: Bool = np.array([any(f.by == key and f.last for f in join.feedback) for key in join.keys])
        self._columns = [layout.refs.index(key) for key in join.keys]
        self._behaviour = Behaviour(layout, join, UNIT) if features_of(layout) else None
        self._low = 0
        self.counts: Counter[str] = Counter()
        self._searches = Searches(layout, join, join.search, self.counts) if join.search else None
        self._turns = Turns(join, self._rules, self._impressions, self.counts)

    def take(self, frame: Frame, keep: Bool) -> None:
        """Take the impressions and the feedback among the rows of an event frame that are kept."""
        types = frame.columns["type"]
        shown = np.flatnonzero(keep & (types == self._impression))
        if len(shown):
            self._wait(frame.pick(shown))
        if self._behaviour is not None:
            self._behaviour.note(frame, keep & (types != self._impression))
        kinds = self._kinds[types]
        answers = np.flatnonzero(keep & (kinds < len(self._join.feedback)))
        if len(answers):
            self._pending.append(self._feedback(frame, answers, kinds[answers]))
        if self._searches is not None:
            self._searches.take(frame, keep, self._low)

    def _keys(self, ref: U64, user: U64) -> U64:
        """Return the keys (keys, n) of rows; what was shown is told apart by user."""
        keys: U64 = ref[:, self._columns].T.copy()
        mixed = keys * _MIX + user
        keys[self._lasting] = np.where(keys == 0, keys, mixed)[self._lasting]
        return keys

    def _wait(self, frame: Frame) -> None:
        behind = frame.columns["time"] < self._low
        if behind.any():
            self.counts["behind"] += int(behind.sum())
            frame = frame.pick(np.flatnonzero(~behind))
            if not frame.n:
                return
        times, order = frame.columns["time"], frame.columns["id"][:, 0]
        keys = self._keys(frame.columns["ref"], frame.columns["user"])
        numbers = self._impressions.append(keys, times, order, self._low)
        if self._behaviour is not None:
            self._behaviour.show(frame, numbers, self._oldest)
        columns = {name: column for name, column in frame.columns.items() if name not in _LEFT_OUT}
        columns |= columns_of(frame, self._riding, self._refs)
        columns["impression"] = numbers
        if self._searches is not None:
            columns["search"] = self._searches.keys(frame)
        held = Frame(Kind.EVENTS, frame.n, {"parts": frame.meta["parts"]}, columns, frame.ragged)
        self._turns.keep(held)
        self._calendars[None].add(halved(held), times)

    def _feedback(self, frame: Frame, rows: I64, kinds: U8) -> Frame:
        given = frame.columns
        keys = self._keys(given["ref"][rows], given["user"][rows])
        columns = {
            "kind": kinds,
            "value": keys[self._rules.key[kinds], np.arange(len(rows))],
            "time": given["time"][rows],
            "order": given["id"][rows, 0],
        }
        return Frame(Kind.EVENTS, len(rows), {}, columns)

    def advance(self, low: int) -> Iterator[Joined]:
        """Let time pass: everything before ``low`` has arrived. Yield the examples whose windows have closed."""
        low = low // UNIT * UNIT
        if low <= self._low:
            return
        self._low = low
        if self._behaviour is not None:
            self._behaviour.advance(low)
        for joined in self._leaving(low):
            yield joined if self._searches is None else joined._replace(rows=self._searches.fill(joined.rows))
        if low < _END:
            self._turns.forget(low)
            if self._searches is not None:
                self._searches.forget(low)

    def _leaving(self, low: int) -> Iterator[Joined]:
        yield from self._attribute(low)
        for calendar in self._calendars.values():
            for due in calendar.due(low):
                yield from self._close(due)

    def flush(self) -> Iterator[Joined]:
        """Close every window, since the input has ended; what arrives afterwards finds time where it was."""
        low = self._low
        yield from self.advance(_END)
        self._low = low
        if self._behaviour is not None:
            self._behaviour.rewind(low)

    def complete(self, rows: Frame) -> Frame:
        """Return the rows of examples with what their users had done before, where features ask for it."""
        return rows if self._behaviour is None else self._behaviour.complete(rows)

    def _oldest(self, otherwise: int) -> int:
        """Return the least number of an impression whose row has not left."""
        held = [self._turns.rows.oldest(), *(calendar.oldest() for calendar in self._calendars.values())]
        return min((number for number in held if number is not None), default=otherwise)

    def _attribute(self, low: int) -> Iterator[Joined]:
        back: list[Frame] = []
        for answers in self._pending.due(low):
            columns = answers.columns
            found = self._impressions.attribute(
                columns["kind"], columns["value"], columns["time"], low, self._join.early
            )
            outcome = found.outcome
            for code, name in _OUTCOMES.items():
                self.counts[name] += int((outcome == code).sum())
            waiting = np.flatnonzero(outcome == WAITING)
            if len(waiting):
                back.append(answers.pick(waiting))
            yield from self._turns.of_feedback(answers, found)
        for answers in back:
            self._pending.append(answers)

    def _close(self, due: Due) -> Iterator[Joined]:
        rows = due.rows
        known = self._impressions.known(rows.columns["impression"])
        if not known.all():
            self.counts["given_up"] += int((~known).sum())
            rows = rows.pick(np.flatnonzero(known))
        if not rows.n:
            return
        rows = self._impressions.whole(rows)
        # Which frames it came in must not show.
        rows = concat([rows.pick(by_time(rows.columns["time"], rows.columns["id"][:, 0]))])
        numbers = rows.columns["impression"]
        got = self._impressions.got(numbers, due.label)
        for child in self._children[due.label]:
            mine = np.flatnonzero(got)
            if len(mine):
                self._follow(child, due.label, rows.pick(mine))
        rows, got, again = self._turns.in_turn(due.label, rows, got)
        name = self._join.labels[due.label].name
        self.counts[f"{name}.examples"] += rows.n
        self.counts[f"{name}.positives"] += int(np.count_nonzero(got))
        if rows.n:
            yield Joined(due.label, rows, (got > 0).astype(np.float64), self._weights[due.label][got])
        if again is not None:
            yield again

    def _follow(self, child: int, parent: int, rows: Frame) -> None:
        label = self._join.labels[child]
        numbers = rows.columns["impression"]
        begins = self._impressions.first(numbers, parent) if label.start == "feedback" else rows.columns["time"]
        self._calendars[label.name].add(halved(rows), begins)

    @property
    def state(self) -> dict[str, int]:
        """The counts, with what is held just now."""
        return {
            **dict(sorted(self.counts.items())),
            "waiting": sum(map(len, self._calendars.values())),
            "remembered": len(self._impressions),
            "pending": len(self._pending),
            "forgotten": self._impressions.given_up,
            "feedback_given_up": self._pending.given_up,
            **(self._searches.state if self._searches is not None else {}),
            **(self._behaviour.state if self._behaviour is not None else {}),
        }

    def dump(self) -> Iterator[Part]:
        """Yield the state."""
        if self._behaviour is not None:
            yield from self._behaviour.dump(self._oldest)
        counters, arrays = self._impressions.dump()
        pending = self._pending.dump()
        calendars = [calendar.dump() for calendar in self._calendars.values()]
        turns, kept = self._turns.dump()
        frames = [frame for _, held in calendars for frame in held] + pending + kept
        meta = [
            self._low,
            dict(self.counts),
            counters,
            self._pending.given_up,
            [(values, len(held)) for values, held in calendars],
            len(pending),
            turns,
            len(frames),
        ]
        yield from dump_arrays(meta, arrays)
        yield from map(encode, frames)
        if self._searches is not None:
            yield from self._searches.dump()

    def load(self, parts: Sequence[Part]) -> None:
        """Take what ``dump`` yielded."""
        if self._behaviour is not None:
            parts = self._behaviour.load(parts)
        first = 1 + len(LOG)
        meta, arrays = load_arrays(parts[:first])
        frames = [decode(bytes(part)) for part in parts[first : first + meta[-1]]]
        self._low, counts, counters, self._pending.given_up, calendars, pending, turns, _ = meta
        self.counts.clear()
        self.counts.update(counts)
        self._impressions.load(counters, arrays)
        at = 0
        for calendar, (values, held) in zip(self._calendars.values(), calendars, strict=True):
            calendar.load(values, self._fitted(frames[at : at + held]))
            at += held
        self._pending.load(frames[at : at + pending])
        self._turns.load(turns, self._fitted(frames[at + pending :]))
        if self._searches is not None:
            self._searches.load(parts[first + len(frames) :])

    def _fitted(self, frames: Sequence[Frame]) -> list[Frame]:
        return [fitted(frame, self._riding) for frame in frames]


def _calendars(join: Join) -> dict[str | None, Calendar]:
    """Return the calendar of the labels of all impressions, and one for each label of a population."""
    calendars: dict[str | None, Calendar] = {
        None: Calendar({i: label.window for i, label in enumerate(join.labels) if label.population is None}, UNIT)
    }
    for i, label in enumerate(join.labels):
        if label.population is not None:
            calendars[label.name] = Calendar({i: label.window}, UNIT)
    return calendars
