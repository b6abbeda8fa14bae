"""The filters of anomalies before one model: outliers of numbers by category, and strange examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import msgspec
import numpy as np

from udfs.decode.layout import Layout
from udfs.decode.reject import Reason
from udfs.features import Space
from udfs.frames import Frame
from udfs.quality.anomaly.half_space_trees import Forest
from udfs.quality.anomaly.outlier_options import OutlierOptions, OutlierReason
from udfs.quality.anomaly.outliers import Outliers
from udfs.quality.anomaly.strange_examples import StrangeExamples, StrangeOptions
from udfs.quality.dead_letter import of_rows
from udfs.schema import Categorical, Model, NumberRules, StrangeRules
from udfs.stages.selector import number_names
from udfs.types import F64, I64, U8, U32, U64

_MESSAGES = {
    Reason.OUTLIER: "of what its category had before it",
    Reason.STRANGE_EXAMPLE: "beside the examples before it",
}


class _Filter(Protocol):
    """One filter: what it is, and what it says."""

    reason: Reason

    @property
    def rules(self) -> NumberRules | StrangeRules:
        """What it was told."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """What can be wrong, as it is counted."""
        ...

    def judge(self, frame: Frame) -> U8:
        """Return uint8 (n,): 0 for fine, else 1 + the place of what is wrong in ``names``."""
        ...

    def shape(self) -> list[Any]:
        """Return, as plain values, what the state depends on."""
        ...

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield the state."""
        ...

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        ...


class _Singles:
    """The categorical features of a model in its example frames."""

    def __init__(self, layout: Layout, model: Model) -> None:
        kinds = Space.of(layout.features, model.features).features.features
        found = [(name, kind.field) for name in layout.singles if isinstance(kind := kinds.get(name), Categorical)]
        self.fields = [field for _, field in found]
        self._bits = np.array([layout.singles.index(name) for name, _ in found], np.int64)

    def hashes(self, frame: Frame) -> U32:
        """Return uint32 (n, features): 0 is missing."""
        words: U64 = frame.columns["present"]
        there = (words[:, self._bits >> 6] >> (self._bits & 63).astype(np.uint64)) & np.uint64(1) != 0
        hashes: U32 = np.where(there, frame.columns["single"], np.uint32(0))
        return hashes


class _Number:
    reason = Reason.OUTLIER

    def __init__(self, rules: NumberRules, layout: Layout, model: Model) -> None:
        self.rules, self._singles = rules, _Singles(layout, model)
        self._column = number_names(layout, model).index(rules.field)
        self._by = self._singles.fields.index(rules.by) if rules.by else None
        options = {name: getattr(rules, name) for name in ("ratios", "max_categories", "learn", "error")}
        self._outliers = Outliers(OutlierOptions(**options))
        self.names = tuple(f"{rules.field}.{reason.name.lower()}" for reason in OutlierReason if reason)
        self.dump, self.load = self._outliers.dump, self._outliers.load

    def judge(self, frame: Frame) -> U8:
        values: F64 = np.ascontiguousarray(frame.columns["number"][:, self._column])
        category = np.ones(frame.n, np.uint64)
        if self._by is not None:
            category += self._singles.hashes(frame)[:, self._by]
        return self._outliers.update(category, values)

    def shape(self) -> list[Any]:
        return [self.rules.field, self.rules.by, self.rules.ratios, self.rules.max_categories]


class _Strange:
    reason, names = Reason.STRANGE_EXAMPLE, ("strange",)

    def __init__(self, rules: StrangeRules, layout: Layout, model: Model) -> None:
        self.rules, self._singles = rules, _Singles(layout, model)
        self._numbers = list(number_names(layout, model))
        options = StrangeOptions(forest=Forest(seed=model.seed), learn=rules.learn, rate=rules.rate)
        self._examples = StrangeExamples(options, len(self._numbers), len(self._singles.fields))
        self.dump, self.load = self._examples.dump, self._examples.load

    def judge(self, frame: Frame) -> U8:
        numbers: F64 = np.ascontiguousarray(frame.columns["number"])
        return self._examples.update(numbers, self._singles.hashes(frame))

    def shape(self) -> list[Any]:
        return ["", self._numbers, self._singles.fields]


class Filters:
    """Judges examples before they are learned, one filter after the other.

    What a filter takes out comes to no later one. Verdicts and state are the same however examples are cut.

    Attributes:
        counts: examples by what was wrong: ``FIELD.low``, ``FIELD.high``, ``strange``.
        identified: whether dead letters are made, so that examples keep what identifies their events.
    """

    def __init__(self, layout: Layout, model: Model, step: str) -> None:
        """Start with nothing seen; ``step`` is what dead letters name."""
        rules = model.anomalies
        self._step = step
        self._filters: list[_Filter] = [_Number(number, layout, model) for number in rules.numbers]
        if rules.strange is not None:
            self._filters.append(_Strange(rules.strange, layout, model))
        self.counts = dict.fromkeys(rules.names, 0)
        self.identified = any(one.rules.action == "quarantine" for one in self._filters)

    def apply(self, frame: Frame, now: int) -> tuple[Frame, list[bytes]]:
        """Return the examples that are to be learned, and dead letters of those that are quarantined.

        Args:
            frame: examples, with ``id`` and ``index`` if ``identified``.
            now: ingest time, microseconds since 1970.
        """
        letters: dict[int, bytes] = {}
        rows: I64 = np.arange(frame.n)
        for one in self._filters:
            wrong = one.judge(frame)
            if not wrong.any():
                continue
            self._count(one, wrong)
            if one.rules.action == "cap":
                frame = _with_less_weight(frame, wrong, one.rules.cap)
                continue
            if one.rules.action == "quarantine":
                found = np.flatnonzero(wrong)
                letters |= zip(rows[found].tolist(), self._letters(frame, found, one, wrong, now), strict=True)
            fine = np.flatnonzero(wrong == 0)
            frame, rows = frame.pick(fine), rows[fine]
        return frame, [letters[row] for row in sorted(letters)]

    def _count(self, one: _Filter, wrong: U8) -> None:
        for place, name in enumerate(one.names):
            self.counts[name] += int((wrong == place + 1).sum())

    def _letters(self, frame: Frame, found: I64, one: _Filter, wrong: U8, now: int) -> Iterator[bytes]:
        why = [(one.reason, f"{one.names[number - 1]} {_MESSAGES[one.reason]}") for number in wrong[found].tolist()]
        return of_rows(frame, found, why, self._step, now)

    def dump(self) -> tuple[Any, list[bytes | memoryview]]:
        """Return plain values, and byte strings."""
        parts = [list(one.dump()) for one in self._filters]
        shapes = [[one.shape(), len(mine)] for one, mine in zip(self._filters, parts, strict=True)]
        return [self.counts, shapes], [part for mine in parts for part in mine]

    def load(self, meta: Any, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` returned; filters of another shape start anew."""
        counts, shapes = meta
        self.counts |= counts
        stored: dict[bytes, Sequence[bytes | memoryview]] = {}
        at = 0
        for shape, length in shapes:
            stored[msgspec.json.encode(shape)] = parts[at : at + length]
            at += length
        for one in self._filters:
            if (mine := stored.get(msgspec.json.encode(one.shape()))) is not None:
                one.load(mine)


def _with_less_weight(frame: Frame, wrong: U8, cap: float) -> Frame:
    weight: F64 = np.where(wrong > 0, cap, 1.0) * frame.columns["weight"]
    return Frame(frame.kind, frame.n, frame.meta, {**frame.columns, "weight": weight}, frame.ragged)
