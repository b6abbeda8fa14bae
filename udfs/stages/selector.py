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
from udfs.joining.riding import item_column
from udfs.quality.anomaly.actions import capped
from udfs.schema import Model, item_features, item_keys
from udfs.schema.feature import input_of
from udfs.stages.destinations import TO, destination, first_train_key
from udfs.stages.stage import Output
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
        self._first_train_key = first_train_key(layout.plan, index)
        self._destination = destination(layout.plan, index)
        items = item_keys(layout.plan, self._model)
        self._item = items.field if items is not None else None
        self._judged = self._model.anomalies.items is not None

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
        partition = self._partition(frame, rows)
        if self._item is not None:
            yield from self._to_items(frame, label, weight, rows, partition, self._item)
            return
        for number, mine in _by_number(partition, rows):
            payload = encode(self._frame(frame, label, weight, mine))
            yield Output(self._destination.route, self._destination.first + number, payload)

    def _to_items(
        self, frame: Frame, label: F64, weight: F64 | None, rows: I64, partition: I64, field: str
    ) -> Iterator[Output]:
        """Yield examples by the buckets of their items, with what [item] looks at and the keys of [train] they are for.

        Those of a bucket stay in one frame, in their order, whatever their partitions.
        """
        items = item_column(frame, field, self._layout.refs)
        users = {"user": frame.columns["user"]} if self._judged else {}
        train_key = np.zeros(frame.n, np.int64)
        train_key[rows] = self._first_train_key + partition
        route, first, buckets = self._destination
        bucket = (items[rows] % np.uint64(buckets)).astype(np.int64)
        for number, mine in _by_number(bucket, rows):
            examples = self._frame(frame, label, weight, mine)
            examples.columns |= {"item": items[mine], TO: train_key[mine]}
            examples.columns |= {name: column[mine] for name, column in users.items()}
            yield Output(route, first + number, encode(examples))

    def _partition(self, frame: Frame, rows: I64) -> I64:
        if self._model.partitions == 1 or not self._model.keyed_by:
            return np.zeros(len(rows), np.int64)
        keys = frame.ragged[f"key.{self._model.keyed_by}"]
        return np.array([hash32(keys.bytes_at(row), 0) % self._model.partitions for row in rows.tolist()], np.int64)

    def _weights(self, frame: Frame, weight: F64 | None, rows: I64) -> F64:
        own = frame.columns["weight"][rows, self._index] if "weight" in frame.columns else np.ones(len(rows))
        weights: F64 = own if weight is None else own * weight[rows]
        return capped(weights, frame.columns["cap"][rows]) if "cap" in frame.columns else weights

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


def _by_number(numbers: I64, rows: I64) -> Iterator[tuple[int, I64]]:
    """Yield each number and the rows (n,) that have it."""
    if (numbers == numbers[0]).all():
        yield int(numbers[0]), rows
        return
    for number in np.unique(numbers).tolist():
        yield number, rows[numbers == number]


def number_columns(layout: Layout, model: Model) -> list[int]:
    """Return which number columns a model's example frames carry of rows whose behaviour is known, in order."""
    kinds = layout.features.features
    inputs = {input_of(name, kinds[name]) for name in model.features}
    return [i for i, name in enumerate(layout.example_numbers) if name in inputs]


def number_names(layout: Layout, model: Model) -> tuple[str, ...]:
    """Return what the number columns are called of the frames that [train] takes: features of items stand last."""
    selected = (layout.example_numbers[i] for i in number_columns(layout, model))
    return *selected, *item_features(layout.features, model)


def _vector_columns(layout: Layout, space: Space) -> list[int]:
    columns: list[int] = []
    at = 0
    for name in layout.vectors:
        length = int(getattr(layout.features.features[name], "length", 0))
        if name in space.names:
            columns += range(at, at + length)
        at += length
    return columns
