"""The behaviour of one bucket of users: what each impression leaves with, as of the time when it was shown.

Events and impressions wait until time has passed them and are then taken in its order, so that the order of arrival
decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np

from udfs.behaviour.frozen import Frozen
from udfs.behaviour.record import features_of, rules_of
from udfs.behaviour.store import Store
from udfs.behaviour.strings import Strings
from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, Ragged, decode, encode
from udfs.joining.pending import Pending
from udfs.schema import History, Join, Rate, Since
from udfs.stages.parts import Part, dump_arrays, load_arrays
from udfs.types import F64, I64, U8, U32, Bool

_ARRAYS = 4
_TAKEN = ("user", "time", "type", "id")
_SLOT = 60_000_000
"""Microseconds of events that are taken together where rows wait for as long: a slot costs as much as many rows."""


class Behaviour:
    """Follows events, and completes the rows of impressions.

    Attributes:
        counts: how many events came ``behaviour_behind`` the time that had passed; they change nothing.
    """

    def __init__(self, layout: Layout, join: Join, unit: int) -> None:
        """Keep the layout; ``unit`` is by how many microseconds event time goes on."""
        self._layout, kinds = layout, features_of(layout)
        self._histories = [(name, kind) for name, kind in kinds.items() if isinstance(kind, History)]
        rules, width = rules_of(layout)
        buckets = layout.plan.buckets
        self._store = Store(rules, width, -(-join.max_users // buckets))
        never = [
            kind.prior if isinstance(kind, Rate) else np.nan if isinstance(kind, Since) else 0.0
            for kind in (kinds[name] for name in layout.behaviour)
        ]
        lasts = [kind.last for _, kind in self._histories]
        self._starts = np.cumsum([0, *lasts])
        self._frozen = Frozen(np.array(never, np.float64), len(lasts), sum(lasts))
        self._slot = max(1, min(_SLOT, *(label.window for label in join.labels)) // unit) * unit
        self._waiting = Pending(-(-(join.max_waiting + join.max_feedback) // buckets), self._slot)
        self._strings = [Strings() for _ in self._histories]
        names = [event.name for event in layout.plan.events]
        self._changes: Bool = rules.changes.copy()
        for _, kind in self._histories:
            self._changes[[names.index(event) for event in kind.events]] = True
        self._low = self._done = 0
        self.counts: Counter[str] = Counter()

    def note(self, frame: Frame, chosen: Bool) -> None:
        """Take those of the chosen rows (n,) of an event frame that change what is known of their users."""
        rows = np.flatnonzero(chosen & self._changes[frame.columns["type"]])
        behind = frame.columns["time"][rows] < self._done
        if behind.any():
            self.counts["behaviour_behind"] += int(behind.sum())
            rows = rows[~behind]
        if len(rows):
            self._wait(frame.take(rows, _TAKEN), np.full(len(rows), -1))

    def show(self, frame: Frame, numbers: I64, oldest: Callable[[int], int]) -> None:
        """Take impressions, by their numbers (n,).

        ``oldest`` returns the least number of an impression that has not left; where there is none, what it is given.
        """
        self._frozen.append(numbers, oldest)
        self._wait(frame, numbers)

    def _wait(self, frame: Frame, numbers: I64) -> None:
        columns = frame.columns
        given = np.zeros((frame.n, len(self._histories)), np.uint8)
        value = np.zeros(given.shape, np.uint32)
        for h, (name, _) in enumerate(self._histories):
            added = frame.ragged[f"multiple.{name}"]
            there = np.diff(added.pointers) > 0
            given[:, h], value[there, h] = there, added.values
        self._keep_strings(frame, given, value)
        rows = {
            **{name: columns[name] for name in ("user", "time", "type")},
            "order": columns["id"][:, 0],
            "number": numbers,
            "given": given,
            "value": value,
        }
        self._waiting.append(Frame(Kind.EVENTS, frame.n, {}, rows))

    def _keep_strings(self, frame: Frame, given: U8, value: U32) -> None:
        samples = frame.ragged["sample"]
        for row in np.flatnonzero((np.diff(samples.pointers) > 0) & given.any(axis=1)).tolist():
            fields = msgspec.json.decode(samples.bytes_at(row))
            for h in np.flatnonzero(given[row]).tolist():
                self._strings[h].add(int(value[row, h]), fields[self._histories[h][1].field])

    def advance(self, low: int) -> None:
        """Let time pass: everything before ``low`` has arrived."""
        self._low = low
        for rows in self._waiting.due(low):
            self._store.follow(rows, self._frozen)
        self._done = max(self._done, low // self._slot * self._slot)

    def rewind(self, low: int) -> None:
        """Set time back after the end of an input, when nothing waits any more."""
        self._low, self._done = low, low // self._slot * self._slot

    def complete(self, rows: Frame) -> Frame:
        """Return the rows of impressions that leave with their behaviour: numbers behind the others, and histories."""
        if rows.n and int(rows.columns["time"].max()) >= self._done:
            for early in self._waiting.before(self._low):
                self._store.follow(early, self._frozen)
            self._done = max(self._done, self._low)
        numbers, lengths, found = self._frozen.of(rows.columns["impression"])
        columns = {**rows.columns, "number": np.concatenate((rows.columns["number"], numbers), axis=1)}
        ragged = dict(rows.ragged)
        for h, (name, kind) in enumerate(self._histories):
            ragged[f"multiple.{name}"] = _ragged(found[:, self._starts[h] : self._starts[h + 1]], lengths[:, h], kind)
        ragged["sample"] = self._sampled(rows.ragged["sample"], numbers, ragged)
        return Frame(rows.kind, rows.n, rows.meta, columns, ragged)

    def _sampled(self, samples: Ragged, numbers: F64, ragged: dict[str, Ragged]) -> Ragged:
        """Return the fields of rows that ride along with their behaviour in them; none where a string is not known."""
        riding = np.flatnonzero(np.diff(samples.pointers) > 0).tolist()
        lengths = np.zeros(len(samples) + 1, np.uint32)
        out: list[bytes] = []
        for row in riding:
            fields = msgspec.json.decode(samples.bytes_at(row))
            known = dict(zip(self._layout.behaviour, numbers[row].tolist(), strict=True))
            fields |= {name: number for name, number in known.items() if not np.isnan(number)}
            histories = [
                (name, strings.of(ragged[f"multiple.{name}"].row(row).tolist()))
                for (name, _), strings in zip(self._histories, self._strings, strict=True)
            ]
            if all(values is not None for _, values in histories):
                out.append(msgspec.json.encode(fields | dict(histories)))
                lengths[row + 1] = len(out[-1])
        return Ragged(np.cumsum(lengths, dtype=np.uint32), np.frombuffer(b"".join(out), np.uint8))

    @property
    def state(self) -> dict[str, int]:
        """The counts, with what is held just now."""
        return {
            "behaviour_behind": self.counts["behaviour_behind"],
            "behaviour_given_up": self._waiting.given_up,
            "users": len(self._store),
            "users_forgotten": self._store.forgotten,
        }

    def dump(self, oldest: Callable[[int], int]) -> Iterator[Part]:
        """Yield the state; ``oldest`` is that of ``show``."""
        first, arrays = self._frozen.dump(oldest)
        waiting = self._waiting.dump()
        meta = [
            self._low,
            self._done,
            dict(self.counts),
            self._waiting.given_up,
            self._store.forgotten,
            [strings.dump() for strings in self._strings],
            first,
            len(waiting),
        ]
        yield from dump_arrays(meta, arrays | {"records": self._store.dump()})
        yield from map(encode, waiting)

    def load(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Take what ``dump`` yielded from the front of ``parts``; return the rest."""
        meta, arrays = load_arrays(parts[: _ARRAYS + 1])
        self._low, self._done, counts, self._waiting.given_up, forgotten, strings, first, waiting = meta
        self.counts = Counter(counts)
        self._store.load(arrays.pop("records"), forgotten)
        self._frozen.load(first, arrays)
        for held, dumped in zip(self._strings, strings, strict=True):
            held.load(dumped)
        stop = _ARRAYS + 1 + waiting
        self._waiting.load([decode(bytes(part)) for part in parts[_ARRAYS + 1 : stop]])
        return parts[stop:]


def _ragged(found: U32, lengths: U8, kind: History) -> Ragged:
    """Return the first so many values of each row as a ragged column."""
    pointers = np.zeros(len(lengths) + 1, np.uint32)
    np.cumsum(lengths, out=pointers[1:])
    return Ragged(pointers, found[np.arange(kind.last) < lengths[:, None]])
