"""One valid event into its row of columns, the slow and plain way: the definition that the row kernel must equal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from udfs.decode.identity import SEEDS
from udfs.decode.layout import Layout
from udfs.decode.line import Event
from udfs.features.values import coordinates, hashes
from udfs.hashing import hash32, hash128
from udfs.schema import EventType, History, Model

Hash128 = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """What one event puts into the columns; the attributes are those of ``Columns``."""

    type: int
    time: int
    user: Hash128
    id: Hash128
    ref: list[int]
    single: list[int | None]
    number: list[float]
    label: list[float]
    weight: list[float]
    vector: list[float]
    multiple: list[list[int]]
    key: list[bytes]


def identity(event: Event, kind: EventType, place: Hash128, position: bytes) -> tuple[Hash128, Hash128]:
    """Return the hashes of the user and of (user, event id); ``position`` stands in where the type has no id."""
    start = SEEDS
    name = event.values.get(kind.user) if kind.user else None
    user = hash128(name, start) if name is not None else None
    if kind.id:
        key = user or start
        for field in kind.id:
            key = hash128(event.values[field], key)
    else:
        key = hash128(position, place)
    return user or key, key


def _label(layout: Layout, model: Model, kind: EventType, event: Event) -> float:
    label = layout.label_of(model, kind)
    value = None if label is None else event.values.get(label.field)
    if label is None or value is None:
        return math.nan
    return value if isinstance(value, float) else float(value in label.positive)


def _multiple(layout: Layout, name: str, kind: EventType, event: Event) -> list[int]:
    """Return the hashes of a feature of several; of a history those that this event adds to it."""
    feature = layout.features.features[name]
    if not isinstance(feature, History):
        return hashes(layout.features, name, event.values, event.time)
    value = event.values.get(feature.field) if kind.name in feature.events else None
    return [hash32(value, layout.features.seed_of(name))] if value else []


def make_row(layout: Layout, event: Event, place: Hash128, position: bytes) -> Row:
    """Turn a valid event into its row.

    Args:
        layout: the columns.
        event: the event.
        place: the hash of its partition's name.
        position: what identifies it within its partition: offset and index as 16 bytes, or the line itself.
    """
    kind = layout.plan.events[event.type]
    values = event.values
    user, key = identity(event, kind, place, position)
    features = layout.features

    def hashed(name: str) -> list[int]:
        return hashes(features, name, values, event.time)

    return Row(
        type=event.type,
        time=event.time,
        user=user,
        id=key,
        ref=[max(hash128(value, SEEDS)[0], 1) if (value := values.get(name)) else 0 for name in layout.refs],
        single=[next(iter(hashed(name)), None) for name in layout.singles],
        number=[float(values.get(field, math.nan)) for field in layout.numbers],
        label=[_label(layout, model, kind, event) for model in layout.models],
        weight=[float(values.get(model.weight, 1.0)) if model.weight else 1.0 for model in layout.models],
        vector=[value for name in layout.vectors for value in coordinates(features, name, values)],
        multiple=[_multiple(layout, name, kind, event) for name in layout.multiples],
        key=[values.get(field, "").encode() for field in layout.keys],
    )
