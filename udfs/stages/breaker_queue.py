"""Examples of one model that wait for its circuit breaker's verdict, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from udfs.decode.layout import Layout
from udfs.frames import Frame
from udfs.quality.breaker import Breaker, BreakerOptions, Command, Event, Judgement
from udfs.quality.dead_letter import place_of
from udfs.schema import BreakerRules, Model
from udfs.stages.examples_queue import ExamplesQueue, to_keep
from udfs.stages.watched import Watched
from udfs.types import Arrays, Bool

EVENTS: Final = 16
"""How many of the newest events are remembered."""
PARTS: Final = 3
"""How many parts a dump has."""


class BreakerQueue:
    """Stands between the examples of a model and what learns them; without rules they pass.

    An example is learned when its verdict says so. Else it is discarded, or held until the breaker closes: an
    operator's ``accept`` has everything that is held or waits learned, any other way of closing has it discarded.
    Where the breaker is turned off or starts anew, because it watches other columns, what waited is learned if it was
    closed, and discarded if it was open.

    However examples are cut, those that come out, and the state, are the same.

    Attributes:
        trips: how often a guard tripped.
        discarded: examples that were not learned, and are gone.
        late: whether the piece that came out last may have come in with an earlier frame.
    """

    def __init__(self, layout: Layout, model: Model, identified: bool) -> None:
        """Start with no examples; ``identified`` tells whether they keep what identifies their events."""
        self._rules, self._identified = model.breaker, identified
        self._watched = Watched(layout, model)
        self._breaker = _breaker(self._rules, self._watched, layout.plan.bounded) if self._rules else None
        self._waiting, self._held, self._freed = (ExamplesQueue() for _ in range(PARTS))
        self._open = False
        self._accepted = 0
        self._last: int | None = None
        self._skipped: list[list[Any]] = []
        self.trips = self.discarded = 0
        self.late = True
        self._recent: list[Event] = []
        self._told: list[Event] = []

    @property
    def is_open(self) -> bool:
        """Whether nothing is learned, and no release is due."""
        return self._open

    def skip(self, place: list[Any]) -> None:
        """Let the waiting example at a place, as ``place_of`` gives it, come out no more: it failed."""
        self._skipped.append(place)

    def without_skipped(self, piece: Frame) -> Frame:
        """Return a piece that came out without the examples that are to be skipped."""
        if not self._skipped:
            return piece
        failed = [row for row in range(piece.n) if place_of(piece, row) in self._skipped]
        self._skipped = [place for place in self._skipped if place not in [place_of(piece, row) for row in failed]]
        return piece.pick(np.setdiff1d(np.arange(piece.n), failed))

    def take(self, frame: Frame) -> Iterator[Frame]:
        """Take examples; yield those that are to be learned now, in order; the caller takes every piece."""
        self.late = True
        yield from self._freed.take(len(self._freed))
        if self._breaker is None:
            self.late = False
            yield to_keep(frame, True) if self._identified else frame
            return
        columns, watched = frame.columns, self._watched
        seen = columns["time"], columns["part"], frame.meta["parts"], columns["label"]
        said = self._breaker.judge(*seen, watched.present(frame), watched.number(frame))
        self._waiting.push(to_keep(frame, self._identified))
        yield from self._decide(said)

    def flush(self) -> Iterator[Frame]:
        """Yield, at the end of the input, the waiting examples that are to be learned; what is held stays."""
        self.late = True
        yield from self._freed.take(len(self._freed))
        if self._breaker is not None:
            yield from self._sort(self._breaker.flush())

    def obey(self, commands: Sequence[tuple[int, str, int]], epoch: int) -> Iterator[Frame]:
        """Obey operators; yield what is to be learned for it, and take every piece.

        Args:
            commands: number, command, and the start of the job in which it was given; numbers grow, and none is obeyed
                twice.
            epoch: this start. What was told to starts before it is no business of a state that begins in it.
        """
        if self._last is None:
            self._last = max((number for number, _, start in commands if start < epoch), default=0)
        for number, name, _ in sorted(commands):
            if number > self._last:
                self._last = number
                yield from self._command(Command(name))

    def _command(self, command: Command) -> Iterator[Frame]:
        if self._breaker is None:
            about: Event = {"event": "ignored", "command": str(command), "reason": "the model has no circuit breaker"}
            self._told.append({**about, "time": 0, "open": False})
            return
        was_open, events = self._open, self._breaker.command(command, self._breaker.time)
        self._open = self._breaker.is_open
        if command == Command.ACCEPT and was_open:
            self._accepted = len(self._waiting)
            yield from self._held.take(len(self._held))
        for event in events:
            self._note(event)

    def _decide(self, said: Judgement) -> Iterator[Frame]:
        done = 0
        for event, given in zip(said.events, said.given, strict=True):
            yield from self._sort(said.learn[done:given])
            done = given
            self._note(event)
        yield from self._sort(said.learn[done:])

    def _sort(self, learn: Bool) -> Iterator[Frame]:
        """Give the oldest waiting examples their verdicts, run by run of equal ones."""
        sure = min(self._accepted, len(learn))
        self._accepted -= sure
        learn = learn | (np.arange(len(learn)) < sure)
        for start, stop in pairwise([0, *(np.flatnonzero(np.diff(learn)) + 1).tolist(), len(learn)]):
            if start == stop:
                continue
            if learn[start]:
                yield from self._waiting.take(stop - start)
            else:
                self._withhold(stop - start)

    def _withhold(self, n: int) -> None:
        if self._rules is None or self._rules.policy == "discard" or not self._open:
            self.discarded += self._waiting.drop(n)
            return
        for piece in self._waiting.take(n):
            self._held.push(piece)
        self.discarded += self._held.drop(max(0, len(self._held) - self._rules.max_held))

    def _note(self, event: Event) -> None:
        self._open = bool(event["open"])
        self.trips += event["event"] == "trip"
        self._recent = [*self._recent[1 - EVENTS :], event]
        self._told.append(event)
        if not self._open:
            self.discarded += self._held.drop(len(self._held))

    def told(self) -> list[Event]:
        """Return the events since the last call."""
        told, self._told = self._told, []
        return told

    def report(self) -> dict[str, Any] | None:
        """Return what operators want to know; None without a breaker."""
        if self._breaker is None:
            return None
        waiting = len(self._waiting) + len(self._freed)
        counts = {"pending": waiting, "held": len(self._held), "discarded": self.discarded, "trips": self.trips}
        return {"open": self._open, **counts, "events": self._recent}

    def summary(self) -> dict[str, int | bool] | None:
        """Return what a release tells of the breaker, the same however examples are cut; None without one."""
        if self._breaker is None:
            return None
        return {"open": self._open, "trips": self.trips, "discarded": self.discarded}

    def _columns(self) -> Any:
        if self._rules is None:
            return None
        return [list(self._watched.features), list(self._watched.numbers), self._rules.max_parts]

    def dump(self) -> tuple[Any, Arrays, list[bytes]]:
        """Return plain values, the breaker's arrays, and ``PARTS`` byte strings with the examples."""
        counts = [self._open, self._accepted, self._last, self._skipped, self.trips, self.discarded, self._recent]
        arrays = self._breaker.dump() if self._breaker else {}
        return [self._columns(), *counts], arrays, [queue.dump() for queue in self._queues]

    @property
    def _queues(self) -> tuple[ExamplesQueue, ExamplesQueue, ExamplesQueue]:
        return self._freed, self._held, self._waiting

    def load(self, meta: Any, arrays: Arrays, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` returned."""
        columns, self._open, self._accepted, self._last, self._skipped, *counts = meta
        self.trips, self.discarded, self._recent = counts
        for queue, part in zip(self._queues, parts, strict=True):
            queue.load(part)
        if columns == self._columns():
            if self._breaker is not None:
                self._breaker.load(arrays)
            return
        for queue in (self._held, self._waiting):
            if self._open:
                self.discarded += queue.drop(len(queue))
            for piece in queue.take(len(queue)):
                self._freed.push(piece)
        self._open, self._accepted = False, 0


def _breaker(rules: BreakerRules, watched: Watched, bounded: bool) -> Breaker:
    silence = 0 if bounded else rules.silence
    options = BreakerOptions(hold_back=rules.hold_back, apart=rules.apart, silence=silence, max_parts=rules.max_parts)
    return Breaker(watched.features, watched.numbers, options)
