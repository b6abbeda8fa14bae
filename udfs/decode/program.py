"""The rules of all event types as tables of numbers that the row kernel reads."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from udfs.decode.layout import Layout
from udfs.errors import ConfigurationError
from udfs.schema import Categorical, CharNGrams, EventType, Field, History, ListOf, Tokens, Vector
from udfs.types import F64, I64, U8

CASES: Final = ("keep", "lower", "upper")
UNITS: Final = ("s", "ms", "us", "iso8601", "ingest")
KINDS: Final = ("categorical", "text", "number", "list", "vector")
CATEGORICAL, TEXT, NUMBER, LIST, VECTOR = range(5)

(
    FIELDS,
    FIELDS_END,
    IDS,
    IDS_END,
    STEPS,
    STEPS_END,
    USER,
    TIME_PATH,
    UNIT,
    EARLIEST,
    LATEST,
    FUTURE,
    MATCH_PATH,
    MATCH,
    MATCH_END,
) = range(15)
"""Columns of ``events``."""

PATH, KIND, NULLABLE, REQUIRED, DEFAULT, DEFAULT_END, NFC, TRIM, CASE, LENGTH, BOUNDED = range(11)
"""Columns of ``fields``."""

LOW, HIGH, NUMBER_DEFAULT = range(3)
"""Columns of ``bounds``."""

OP, FIELD, COLUMN, SEED, SIZE, VALUES, VALUES_END = range(7)
"""Columns of ``steps``."""

SINGLE, TOKENS, NGRAMS, ELEMENTS, COORDINATES, COPY_NUMBER, LABEL, LABEL_TEXT, WEIGHT, KEY, REF, WHOLE = range(12)
"""What a step does."""

_NEVER: Final = (1 << 62) - 1


class Program(NamedTuple):
    """The tables; a field is its row in ``fields``, fields of one event stand together.

    Attributes:
        events: int64 (events, 15).
        fields: int64 (fields, 11).
        bounds: float64 (fields, 3).
        ids: int64: the fields that identify events, type after type.
        steps: int64 (steps, 7): what is made of the fields, type after type.
        texts: int64 (texts, 2): values that are compared with, ranges of ``pool``.
        pool: uint8: those values and the fields' defaults, eight zeros behind them.
    """

    events: I64
    fields: I64
    bounds: F64
    ids: I64
    steps: I64
    texts: I64
    pool: U8


class _Builder:
    def __init__(self, layout: Layout, paths: list[tuple[str, ...]]) -> None:
        self._layout, self._paths = layout, paths
        self.events: list[list[int]] = []
        self.fields: list[list[int]] = []
        self.bounds: list[list[float]] = []
        self.ids: list[int] = []
        self.steps: list[list[int]] = []
        self.texts: list[tuple[int, int]] = []
        self.pool = bytearray()

    def text(self, text: str) -> tuple[int, int]:
        """Keep a string; return its range."""
        start = len(self.pool)
        self.pool += text.encode()
        return start, len(self.pool)

    def event(self, event: EventType) -> None:
        """Add a type, its fields and its steps."""
        kinds: dict[str, str] = {field.name: field.type for field in event.fields}
        for name in (*event.id, *((event.user,) if event.user else ())):
            if kinds[name] not in ("categorical", "text"):
                raise ConfigurationError(
                    f"events.{event.name}: {name} is a {kinds[name]} field and cannot identify an event or a user",
                    "Declare it categorical",
                )
        first = len(self.fields), len(self.ids), len(self.steps), len(self.texts)
        where = {field.name: first[0] + i for i, field in enumerate(event.fields)}
        self.texts += [self.text(value) for value in event.match.values]
        matches = len(self.texts)
        for field in event.fields:
            self._field(field)
        self.ids += [where[name] for name in event.id]
        self._features(event.name, where, kinds)
        self._models(event, where, kinds)
        rules = event.timestamp
        self.events.append(
            [
                *(first[0], len(self.fields), first[1], len(self.ids), first[2], len(self.steps)),
                where[event.user] if event.user else -1,
                *(self._paths.index(rules.path) if rules.path else -1, UNITS.index(rules.unit)),
                *(rules.earliest, rules.latest),
                _NEVER if rules.future is None else rules.future,
                *(self._paths.index(event.match.path) if event.match.path else -1, first[3], matches),
            ]
        )

    def _field(self, field: Field) -> None:
        sequence = field.type in ("list", "vector")
        default = self.text(field.default) if isinstance(field.default, str) and not sequence else (0, 0)
        clean = field.clean
        self.fields.append(
            [
                *(self._paths.index(field.path), KINDS.index(field.type), field.nullable),
                # The default of a list is the slow path's to give, so kernels treat such a list as required.
                field.required or (sequence and field.default is not None),
                *(*default, clean.nfc, clean.trim, CASES.index(clean.case), field.length or 0),
                field.minimum is not None or field.maximum is not None,
            ]
        )
        low, high = field.minimum, field.maximum
        self.bounds.append(
            [
                -math.inf if low is None else low,
                math.inf if high is None else high,
                float(field.default) if isinstance(field.default, int | float) else math.nan,
            ]
        )

    def _step(self, op: int, field: int, column: int, seed: int = 0, size: int = 0) -> None:
        self.steps.append([op, field, column, seed, size, 0, 0])

    def _features(self, event: str, where: dict[str, int], kinds: dict[str, str]) -> None:
        layout, coordinate = self._layout, 0
        for name, feature in layout.features.features.items():
            field = where.get(getattr(feature, "field", ""), -1)
            seed = layout.features.seed_of(name)
            if isinstance(feature, Vector):
                if field >= 0:
                    self._step(COORDINATES, field, coordinate)
                coordinate += feature.length
            elif field < 0:
                continue
            elif isinstance(feature, Categorical):
                self._step(SINGLE, field, layout.singles.index(name), seed)
            elif isinstance(feature, Tokens):
                self._step(TOKENS, field, layout.multiples.index(name), seed)
            elif isinstance(feature, CharNGrams):
                self._step(NGRAMS, field, layout.multiples.index(name), seed, feature.n)
            elif isinstance(feature, ListOf):
                self._step(ELEMENTS, field, layout.multiples.index(name), seed)
            elif isinstance(feature, History) and event in feature.events:
                self._step(WHOLE, field, layout.multiples.index(name), seed)
        for column, name in enumerate(layout.numbers):
            if name in where and kinds[name] == "number":
                self._step(COPY_NUMBER, where[name], column)

    def _models(self, event: EventType, where: dict[str, int], kinds: dict[str, str]) -> None:
        layout = self._layout
        for column, model in enumerate(layout.models):
            label = layout.label_of(model, event)
            if label is not None and kinds[label.field] == "number":
                self._step(LABEL, where[label.field], column)
            elif label is not None:
                self._step(LABEL_TEXT, where[label.field], column)
                self.steps[-1][VALUES] = len(self.texts)
                self.texts += [self.text(value) for value in label.positive]
                self.steps[-1][VALUES_END] = len(self.texts)
            if model.weight in where and kinds[str(model.weight)] == "number":
                self._step(WEIGHT, where[str(model.weight)], column)
        for column, name in enumerate(layout.keys):
            if name in where and kinds[name] in ("categorical", "text"):
                self._step(KEY, where[name], column)
        for column, name in enumerate(layout.refs):
            if name in where and kinds[name] in ("categorical", "text"):
                self._step(REF, where[name], column)


def build_program(layout: Layout, paths: list[tuple[str, ...]]) -> Program:
    """Return the tables of a layout whose values stand at these paths.

    Raises:
        ConfigurationError: a number, a list or a vector identifies an event or a user.
    """
    builder = _Builder(layout, paths)
    for event in layout.plan.events:
        builder.event(event)
    return Program(
        np.array(builder.events, np.int64).reshape(-1, 15),
        np.array(builder.fields, np.int64).reshape(-1, 11),
        np.array(builder.bounds, np.float64).reshape(-1, 3),
        np.array(builder.ids, np.int64),
        np.array(builder.steps, np.int64).reshape(-1, 7),
        np.array(builder.texts, np.int64).reshape(-1, 2),
        np.frombuffer(bytes(builder.pool) + bytes(8), np.uint8),
    )
