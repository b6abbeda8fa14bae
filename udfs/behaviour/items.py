"""The behaviour of one bucket of a model's items: what each example finds, as of when its impression was shown.

What an example finds depends on event times, not on what came before it, as long as all that counts for it has come:
that was decided before its impression was shown, and it comes when it is decided itself. One that is older than the
steps that its item's record tells apart finds nothing, rather than labels that were decided after it was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from udfs.behaviour.item_kernel import follow
from udfs.behaviour.item_record import YOUNG, ItemRules, rules_of
from udfs.behaviour.records import Records, views
from udfs.frames import Frame, Ragged
from udfs.joining.examples import AGAIN
from udfs.schema import Join, Model, Plan
from udfs.stages.parts import Part, dump_arrays, load_arrays
from udfs.types import F64, Bool

PARTS: Final = 2
"""Byte strings of a dump."""

COUNTS: Final = ("items", "items_forgotten", "examples_given_up")
"""What is counted: items that are remembered, that were forgotten, and examples that were given up."""


class ItemBehaviour:
    """Follows the examples of a model: ``item``, ``time``, ``label``, and ``turn`` of those that leave out of turn."""

    def __init__(self, rules: ItemRules, join: Join) -> None:
        self._rules = rules
        self._records = Records(rules.width + YOUNG, -(-join.items.max_items // join.items.partitions))
        self._spare = views(np.zeros((1, rules.width), np.uint64))
        self._given_up = 0

    def complete(self, frame: Frame, kept: Bool) -> Frame:
        """Return examples with what they find, behind their other numbers and in their fields, as far as they have any.

        Those that are kept (n,) count from now on. An impression that comes again finds what it would have found
        before, and counts once, with the label that it had when its window closed.
        """
        numbers = self._follow(frame, kept)
        if "number" not in frame.columns:
            return frame
        columns = {**frame.columns, "number": np.concatenate((frame.columns["number"], numbers), axis=1)}
        ragged = dict(frame.ragged)
        if "sample" in ragged:
            ragged["sample"] = self._sampled(ragged["sample"], numbers)
        return Frame(frame.kind, frame.n, frame.meta, columns, ragged)

    def _follow(self, frame: Frame, kept: Bool) -> F64:
        columns = frame.columns
        counting = kept & (columns["turn"] != AGAIN) if "turn" in columns else kept
        numbers = np.tile(self._rules.never, (frame.n, 1))
        none = np.zeros((frame.n, 0), np.uint8), np.zeros((frame.n, 0), np.uint32)
        examples = columns["item"], columns["time"], columns["label"] > 0, counting
        tables = self._rules.width, none[0][0], none[1][0], *self._rules.tables[1:]
        given: tuple[Any, ...] = (*examples, *self._rules.delay, *tables)
        row = 0
        while row < frame.n:
            records = self._records
            memory: tuple[Any, ...] = (*records.memory, records.count, *self._spare, numbers, *none)
            row, records.count, given_up = follow(row, *given, *memory)
            self._given_up += given_up
            if row < frame.n:
                records.make_room()
        return numbers

    def _sampled(self, samples: Ragged, numbers: F64) -> Ragged:
        pieces = [b""] * len(samples)
        for row in np.flatnonzero(np.diff(samples.pointers)).tolist():
            known = zip(self._rules.kinds, numbers[row].tolist(), strict=True)
            fields = msgspec.json.decode(samples.bytes_at(row))
            fields |= {name: number for name, number in known if not np.isnan(number)}
            pieces[row] = msgspec.json.encode(fields)
        return Ragged.of_bytes(pieces)

    @property
    def state(self) -> dict[str, int]:
        """What ``COUNTS`` name."""
        return dict(zip(COUNTS, (len(self._records), self._records.forgotten, self._given_up), strict=True))

    def dump(self) -> Iterator[Part]:
        """Yield the state."""
        yield from dump_arrays([self._records.forgotten, self._given_up], {"records": self._records.dump()})

    def load(self, parts: Sequence[Part]) -> None:
        """Take what ``dump`` yielded."""
        (forgotten, self._given_up), arrays = load_arrays(parts)
        self._records.load(arrays["records"], forgotten)


def make_item_behaviour(plan: Plan, model: Model) -> ItemBehaviour | None:
    """Return the behaviour of a bucket of a model's items; None where it sees no features of them."""
    rules = rules_of(plan, model)
    return None if rules is None or plan.join is None else ItemBehaviour(rules, plan.join)
