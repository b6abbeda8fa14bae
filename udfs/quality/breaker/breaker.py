"""The circuit breaker of one model: it stops learning, not reading, while what comes cannot be right."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np

from udfs.drift.state import restore
from udfs.quality.breaker import coverage, distribution, positive_rate, sweep, vanishing, volume
from udfs.quality.breaker.options import BreakerOptions, Command
from udfs.quality.breaker.sweep import CHANGED, CLOCK, DECIDED, DROPPED, HELD, OPERATOR, TOTAL
from udfs.quality.breaker.vanishing import SINCE, TRIPPED
from udfs.quality.partition import is_of_topic
from udfs.types import F64, I64, U8, U16, Arrays, Bool

Event: TypeAlias = dict[str, str | float | int | bool]


class Judgement(NamedTuple):
    """What a breaker says to examples.

    Attributes:
        learn: bool (m,): the verdicts, in order, of the oldest examples that have none yet: learn, or hold.
        events: what changed; see ``Breaker``.
        given: for each event, how many of these verdicts were given before it.
    """

    learn: Bool
    events: list[Event]
    given: list[int]


class Breaker:
    """Watches one model's examples before they are learned, each guard against its own recent past.

    It is open while a guard is tripped or an operator says so: then no example is learned, and no release is due. It
    closes when every tripped guard has seen what it watches come back, or at an operator's command.

    An event is a plain dict. ``event`` is ``trip`` or ``recovery`` of a guard, or an operator's command; ``time`` the
    impression time, microseconds; ``open`` whether the breaker is open now. Those of guards have ``guard``
    (``positive_rate``, ``coverage``, ``nonzero``, ``distribution``, ``volume``), ``item`` (the partition, feature or
    number; "" is all examples), ``expected`` and ``seen`` since ``since`` (counts; of a distribution the medians of
    |x|), and ``z``, their distance in standard deviations.

    However examples are cut, the state, the events and the sequence of verdicts are the same.

    Args:
        features: names of the columns whose presence is watched.
        numbers: names of the numbers whose scale is watched.
        options: the bounds.
    """

    def __init__(self, features: Sequence[str], numbers: Sequence[str], options: BreakerOptions | None = None) -> None:
        self.options = options or BreakerOptions()
        self._features, self._numbers = tuple(features), tuple(numbers)
        self._parts: list[str] = []
        self._state = sweep.new(self.options.max_parts, len(self._features), len(self._numbers))
        apart, silence = self.options.apart, float(self.options.silence)
        self._guards = sweep.Guards(
            positive_rate.rules(apart),
            coverage.rules(apart),
            volume.rules(apart, silence),
            math.log(apart / distribution.BLOCK),
        )
        self._note()

    @property
    def is_open(self) -> bool:
        """Whether nothing is learned."""
        return self._open

    @property
    def time(self) -> int:
        """The impression time that has been reached, microseconds; 0 before the first example."""
        return int(self._state.counters[CLOCK])

    @property
    def pending(self) -> int:
        """How many examples wait for their verdict."""
        return int(self._state.counters[TOTAL] - self._state.counters[DECIDED])

    @property
    def dropped(self) -> int:
        """How many partitions were dropped for others."""
        return int(self._state.counters[DROPPED])

    def judge(self, time: I64, part: U16, parts: Sequence[str], label: F64, present: Bool, number: F64) -> Judgement:
        """Take examples (n,), in order; give verdicts to all but the newest ``hold_back`` that were ever taken.

        Args:
            time: int64 (n,): impression time, microseconds, about in order.
            part: uint16 (n,): indices into ``parts``.
            parts: names of source partitions, all different.
            label: float64 (n,): positive above 0.
            present: bool (n, k): which features have a value.
            number: float64 (n, m): NaN is missing.
        """
        number = np.ascontiguousarray(number)
        examples = sweep.Examples(time, part, label, np.ascontiguousarray(present), number.view(np.int64), number)
        slots = self._slots(parts)
        learn: list[Bool] = []
        events: list[Event] = []
        given: list[int] = []
        row = 0
        while row < len(time):
            row = sweep.sweep(self._state, examples, slots, self._guards, row)
            self._name(slots, parts)
            learn.append(self._decide(self.options.hold_back))
            if self._state.counters[CHANGED]:
                events += self._changes()
                given += [sum(map(len, learn))] * (len(events) - len(given))
        return Judgement(np.concatenate(learn) if learn else np.zeros(0, np.bool_), events, given)

    def flush(self) -> Bool:
        """Give verdicts to all examples that wait, as the end of the input asks for."""
        return self._decide(0)

    def command(self, command: Command, time: int) -> list[Event]:
        """Obey an operator; return the events of it."""
        counters = self._state.counters
        accepted = list(self._items(self._tripped)) if command == Command.ACCEPT else []
        for guard, row, _ in accepted:
            self._accept(guard, row)
        if command != Command.OPEN:
            self._begin_anew()
        counters[OPERATOR], counters[HELD] = command == Command.OPEN, counters[TOTAL]
        self._note()
        about = [{"guard": guard, "item": item} for guard, _, item in accepted] or [{}]
        return [{"event": str(command), **each, "time": time, "open": self.is_open} for each in about]

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next call."""
        return {**self._state._asdict(), "parts": _packed(self._parts), "names": self._names()}

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the breaker that was dumped had other columns or another ``max_parts``.
        """
        stored = dict(arrays)
        parts = stored.pop("parts", _packed([]))
        restore({**self._state._asdict(), "names": self._names()}, stored, "the breaker")
        self._parts = msgspec.json.decode(parts.tobytes())
        self._note()

    def _names(self) -> U8:
        return _packed([*self._features, "", *self._numbers])

    def _slots(self, parts: Sequence[str]) -> sweep.Slots:
        place = {name: i for i, name in enumerate(parts)}
        owner = np.full(self.options.max_parts, -1)
        of_part = np.full(len(parts), -1)
        for slot, name in enumerate(self._parts):
            if name in place:
                owner[slot], of_part[place[name]] = place[name], slot
        return sweep.Slots(of_part, owner, np.array([is_of_topic(name) for name in parts], np.bool_))

    def _name(self, slots: sweep.Slots, parts: Sequence[str]) -> None:
        used = int(self._state.counters[sweep.USED])
        self._parts += [""] * (used - len(self._parts))
        for slot in np.flatnonzero(slots.owner >= 0):
            self._parts[slot] = parts[slots.owner[slot]]

    def _decide(self, hold_back: int) -> Bool:
        """Give verdicts to all but the newest examples, by what is known now."""
        counters = self._state.counters
        first, last = int(counters[DECIDED]), max(int(counters[DECIDED]), int(counters[TOTAL]) - hold_back)
        counters[DECIDED] = last
        return np.zeros(last - first, np.bool_) if self.is_open else np.arange(first, last) >= counters[HELD]

    def _begin_anew(self) -> None:
        """Begin every test anew with the references that it has: what came during a break is no evidence after it."""
        for tests in (self._state.rates, self._state.volumes, self._state.columns):
            tests[:, : vanishing.LOW] = 0.0
        distribution.forget(self._state.scales, self._state.blocks)

    def _note(self) -> None:
        self._tripped = self._flags()
        self._open = bool(self._state.counters[OPERATOR]) or any(flags.any() for flags in self._tripped.values())

    def _flags(self) -> dict[str, Bool]:
        k, state = len(self._features), self._state
        return {
            "positive_rate": state.rates[:, TRIPPED] > 0.0,
            "coverage": state.columns[:k, TRIPPED] > 0.0,
            "nonzero": state.columns[k:, TRIPPED] > 0.0,
            "volume": state.volumes[:, TRIPPED] > 0.0,
            "distribution": state.scales[:, distribution.TRIPPED] > 0.0,
        }

    def _test(self, guard: str, row: int) -> F64:
        state, k = self._state, len(self._features)
        tests: dict[str, F64] = {
            "positive_rate": state.rates,
            "coverage": state.columns[:k],
            "nonzero": state.columns[k:],
            "volume": state.volumes,
            "distribution": state.scales,
        }
        test: F64 = tests[guard][row]
        return test

    def _items(self, flags: dict[str, Bool]) -> Iterator[tuple[str, int, str]]:
        """Yield guard, row and name of the tests that are flagged."""
        columns = {"coverage": self._features, "nonzero": self._numbers, "distribution": self._numbers}
        for guard, flagged in flags.items():
            names = columns.get(guard, [*self._parts, *[""] * (len(flagged) - len(self._parts))])
            for row in np.flatnonzero(flagged).tolist():
                yield guard, row, names[row]

    def _changes(self) -> list[Event]:
        """Note which guards changed their minds, and tell of each."""
        before = self._tripped
        self._note()
        counters = self._state.counters
        counters[HELD] = counters[TOTAL]
        events: list[Event] = []
        for guard, row, item in self._items({name: before[name] != flags for name, flags in self._tripped.items()}):
            test, tripped = self._test(guard, row), bool(self._tripped[guard][row])
            told = distribution if guard == "distribution" else vanishing
            since = test[distribution.SINCE] if guard == "distribution" else test[SINCE]
            about: Event = {"event": "trip" if tripped else "recovery", "guard": guard, "item": item}
            about |= {**told.figures(test), "since": int(since), "time": int(counters[CLOCK]), "open": self.is_open}
            if guard != "distribution" and not tripped:
                vanishing.forget(test[None], 0)
            events.append(about)
        if not self._open:
            self._begin_anew()
        return events

    def _accept(self, guard: str, row: int) -> None:
        test, now = self._test(guard, row), float(self._state.counters[CLOCK])
        if guard == "distribution":
            distribution.accept(test, self._state.references[row])
        else:
            rules = {"positive_rate": self._guards.rate, "volume": self._guards.volume}
            vanishing.accept(test[None], 0, rules.get(guard, self._guards.coverage), now)


def _packed(names: Sequence[str]) -> U8:
    return np.frombuffer(msgspec.json.encode(list(names)), np.uint8).copy()
