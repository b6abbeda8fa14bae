"""The examples of one model, cut out of frames of events: the columns that it needs, by partition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from udfs.decode.layout import Layout
from udfs.features.assemble import Assembler
from udfs.features.space import Space
from udfs.frames import Frame, Kind, encode
from udfs.hashing import hash32
from udfs.schema import Model
from udfs.stages.stage import Output, Route
from udfs.types import F64, I64, Bool


class Selector:
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

    def labelled(self, frame: Frame, keep: Bool) -> Iterator[Output]:
        """Yield the examples among the rows of an event frame that are kept: those that carry a label."""
        label = frame.columns["label"][:, self._index]
        yield from self.examples(frame, label, keep & ~np.isnan(label))

    def examples(self, frame: Frame, label: F64, chosen: Bool, weight: F64 | None = None) -> Iterator[Output]:
        """Yield example frames.

        Args:
            frame: rows of events.
            label: float64 (n,).
            chosen: bool (n,): which rows are examples.
            weight: float64 (n,): what the weight of an event is multiplied by; None for 1.
        """
        if self._model.keyed_by:
            pointers = frame.ragged[f"key.{self._model.keyed_by}"].pointers
            chosen &= np.diff(pointers) > 0
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return
        for partition, mine in self._partitions(frame, rows):
            payload = encode(self._frame(frame, label, weight, mine))
            yield Output(Route.NEXT, self._first_key + partition, payload)

    def _partitions(self, frame: Frame, rows: I64) -> Iterator[tuple[int, I64]]:
        if self._model.partitions == 1 or not self._model.keyed_by:
            yield 0, rows
            return
        keys = frame.ragged[f"key.{self._model.keyed_by}"]
        partition = np.array([hash32(keys.bytes_at(row), 0) % self._model.partitions for row in rows.tolist()])
        for number in np.unique(partition).tolist():
            yield number, rows[partition == number]

    def _weights(self, frame: Frame, weight: F64 | None, rows: I64) -> F64:
        own = frame.columns["weight"][rows, self._index] if "weight" in frame.columns else np.ones(len(rows))
        weights: F64 = own if weight is None else own * weight[rows]
        return weights

    def _frame(self, frame: Frame, label: F64, weight: F64 | None, rows: I64) -> Frame:
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
            "label": label[rows],
            "weight": self._weights(frame, weight, rows),
        }
        if source["index"].any():
            columns["index"] = take("index")
        if "turn" in source:
            columns["turn"] = take("turn")
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
