"""Fills the columns of one event type from parsed lines: fields first, then what features and labels make of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from udfs.decode import feature_kernels, field_kernels
from udfs.decode.columns import Columns
from udfs.decode.identity import SEEDS, chain_position, chain_text
from udfs.decode.layout import Layout
from udfs.errors import ConfigurationError
from udfs.schema import Categorical, CharNGrams, EventType, Field, Tokens
from udfs.types import F64, I32, I64, U8, U16, U64, Bool

CASES: Final = ("keep", "lower", "upper")
UNITS: Final = ("s", "ms", "us", "iso8601")
_NEVER: Final = (1 << 62) - 1


class Pool:
    """Strings that the kernels compare with or fall back to, behind the lines in one buffer."""

    def __init__(self) -> None:
        self.data = bytearray()

    def add(self, text: str) -> tuple[int, int]:
        """Append a string; return its range."""
        start = len(self.data)
        self.data += text.encode()
        return start, len(self.data)


class Filler:
    """Fills columns for one event type.

    Attributes:
        event: the type.
    """

    def __init__(self, layout: Layout, index: int, paths: list[tuple[str, ...]], pool: Pool) -> None:
        self.event: EventType = layout.plan.events[index]
        self._layout, self._index, self._pool = layout, index, pool
        self._paths = {field.name: paths.index(field.path) for field in self.event.fields}
        timed = self.event.timestamp.unit != "ingest"
        self._time_path = paths.index(self.event.timestamp.path) if timed else -1
        self._defaults = {
            f.name: pool.add(f.default) if isinstance(f.default, str) else (0, 0) for f in self.event.fields
        }
        self._labels = [layout.label_of(model, self.event) for model in layout.models]
        self._positive = [[pool.add(v) for v in label.positive] if label else [] for label in self._labels]
        kinds = {field.name: field.type for field in self.event.fields}
        for name in (*self.event.id, *((self.event.user,) if self.event.user else ())):
            if kinds[name] not in ("categorical", "text"):
                raise ConfigurationError(
                    f"events.{self.event.name}: {name} is a {kinds[name]} field and cannot identify an event or a user",
                    "Declare it categorical",
                )

    def fill(
        self,
        data: U8,
        source: U8,
        scratch: int,
        lines: I64,
        spans: I32,
        tags: U8,
        chosen: Bool,
        part: U16,
        places: U64,
        position: I64,
        now: int,
        columns: Columns,
    ) -> None:
        """Fill the rows that are ``chosen``; those that are not plain lose it.

        Args:
            data: the bytes of the lines.
            source: the lines, the pool behind them, and room for folded copies from ``scratch`` on.
            scratch: where that room begins.
            lines: (n, 2) where each begins and ends.
            spans: as the parser left them.
            tags: as the parser left them.
            chosen: in and out.
            part: each line's partition.
            places: the hash of each partition's name.
            position: offset and index of each line.
            now: ingest time.
            columns: out.
        """
        csv = self._layout.plan.format.kind == "csv"
        rules = self.event.timestamp
        future = _NEVER if rules.future is None else rules.future
        bounds = np.array([rules.earliest, rules.latest, future], np.int64)
        if rules.unit == "ingest":
            columns.time[chosen] = now
            chosen &= rules.earliest <= now <= rules.latest
        else:
            p, unit = self._time_path, UNITS.index(rules.unit)
            field_kernels.time_column(data, spans[:, p], tags[:, p], unit, csv, bounds, now, chosen, columns.time)
        text: dict[str, I64] = {}
        number: dict[str, F64] = {}
        for field in self.event.fields:
            p = self._paths[field.name]
            self._field(field, data, source, scratch, spans[:, p], tags[:, p], csv, chosen, text, number)
        self._identify(data, source, lines, chosen, part, places, position, text, columns)
        columns.type[chosen] = self._index
        self._features(source, len(data), chosen, text, number, columns)

    def _field(
        self,
        field: Field,
        data: U8,
        source: U8,
        scratch: int,
        span: I32,
        tag: U8,
        csv: bool,
        chosen: Bool,
        text: dict[str, I64],
        number: dict[str, F64],
    ) -> None:
        bounds = np.array([math.nan if b is None else b for b in (field.minimum, field.maximum)], np.float64)
        if field.type == "number":
            default = math.nan if not isinstance(field.default, int | float) else float(field.default)
            number[field.name] = np.empty(len(chosen))
            field_kernels.number_column(
                data, span, tag, csv, field.nullable, field.required, default, bounds, chosen, number[field.name]
            )
        elif field.type in ("list", "vector"):
            field_kernels.absent_column(tag, field.nullable, field.required, chosen)
        else:
            text[field.name] = np.empty((len(chosen), 2), np.int64)
            field_kernels.text_column(
                source,
                scratch,
                span,
                tag,
                field.type == "text",
                field.nullable,
                field.required,
                np.array(self._defaults[field.name], np.int64) + len(data),
                bounds,
                field.clean.nfc,
                field.clean.trim,
                CASES.index(field.clean.case),
                chosen,
                text[field.name],
            )

    def _identify(
        self,
        data: U8,
        source: U8,
        lines: I64,
        chosen: Bool,
        part: U16,
        places: U64,
        position: I64,
        text: dict[str, I64],
        columns: Columns,
    ) -> None:
        for name in self.event.id:
            chosen &= text[name][:, 1] > text[name][:, 0]
        columns.user[chosen] = SEEDS
        named = np.zeros(len(chosen), np.bool_)
        if self.event.user:
            named = chosen & (text[self.event.user][:, 1] > text[self.event.user][:, 0])
            chain_text(source, text[self.event.user], chosen, columns.user)
        columns.id[chosen] = columns.user[chosen]
        for name in self.event.id:
            chain_text(source, text[name], chosen, columns.id)
        if not self.event.id:
            chain_position(data, lines, position, part, places, chosen, columns.id)
        alone = chosen & ~named
        columns.user[alone] = columns.id[alone]

    def _features(
        self,
        source: U8,
        pool: int,
        chosen: Bool,
        text: dict[str, I64],
        number: dict[str, F64],
        columns: Columns,
    ) -> None:
        layout = self._layout
        features = layout.features
        multiple: dict[type, Callable[..., int]] = {
            Tokens: feature_kernels.token_column,
            CharNGrams: feature_kernels.ngram_column,
        }
        for name, feature in features.features.items():
            field = getattr(feature, "field", "")
            if field not in text:
                continue
            seed = features.seed_of(name)
            if isinstance(feature, Categorical):
                column = layout.singles.index(name)
                feature_kernels.single_column(
                    source, text[field], seed, column, chosen, columns.single, columns.present
                )
            elif type(feature) in multiple:
                size: tuple[Any, ...] = (feature.n,) if isinstance(feature, CharNGrams) else ()
                out = columns.multiple[layout.multiples.index(name)]
                used = int(columns.used[0])
                columns.used[0] = multiple[type(feature)](
                    source, text[field], *size, seed, used, chosen, columns.hashes, out
                )
        for i, field in enumerate(layout.numbers):
            if field in number:
                columns.number[chosen, i] = number[field][chosen]
        for i, (model, label) in enumerate(zip(layout.models, self._labels, strict=True)):
            if label is not None and label.field in number:
                columns.label[chosen, i] = number[label.field][chosen]
            elif label is not None:
                values = np.array(self._positive[i], np.int64).reshape(-1, 2) + pool
                feature_kernels.label_column(source, text[label.field], values, chosen, columns.label[:, i])
            if model.weight in number:
                weights = number[str(model.weight)][chosen]
                columns.weight[chosen, i] = np.where(np.isnan(weights), 1.0, weights)
        for i, field in enumerate(layout.keys):
            if field in text:
                used = int(columns.used[1])
                columns.used[1] = feature_kernels.copy_column(
                    source, text[field], used, chosen, columns.text, columns.key[i]
                )
