"""What each feature makes of one event's cleaned values: the definition that kernels and ONNX graphs must equal.

Values are cleaned and validated: ``str`` for categorical and text, ``float`` for numbers, lists of those for lists and
vectors; an absent value is not in the mapping. ``""`` and NaN are missing and contribute nothing. Features of behaviour
stand under their own names, a history as a list of ``str``, the others as ``float``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from udfs.hashing import hash32
from udfs.schema import CharNGrams, Cross, FeatureSet, History, ListOf, TimePart, Tokens, Vector
from udfs.schema.feature import DENSE, NUMERIC, input_of

Values = Mapping[str, Any]
MICROSECONDS_PER_HOUR = 3_600_000_000
_M32 = 0xFFFFFFFF


def time_part(feature: TimePart, time: int) -> int:
    """Return the hour (0-23) or weekday (0 is Monday) of a time in microseconds since 1970."""
    hours = (time + feature.offset_minutes * 60_000_000) // MICROSECONDS_PER_HOUR
    return hours % 24 if feature.part == "hour" else (hours // 24 + 3) % 7


def cross(hashes: list[int], seed: int) -> int:
    """Combine the 32-bit hashes of a cross's parts, in turn: ``h = (h * 0x9E3779B1 ^ part)``, then ``h ^= h >> 15``.

    Only multiply, xor and shift of uint32, which an ONNX graph can do.
    """
    h = seed
    for part in hashes:
        h = (h * 0x9E3779B1 & _M32) ^ part
        h ^= h >> 15
    return h * 0x85EBCA6B & _M32


def hashes(features: FeatureSet, name: str, values: Values, time: int) -> list[int]:
    """Return the 32-bit hashes that a hashed feature contributes for one event; empty when it is missing."""
    feature = features.features[name]
    seed = features.seed_of(name)
    if isinstance(feature, Cross):
        parts = [hashes(features, part, values, time) for part in feature.of]
        return [cross([part[0] for part in parts], seed)] if all(parts) else []
    if isinstance(feature, TimePart):
        return [hash32(str(time_part(feature, time)), seed)]
    if isinstance(feature, DENSE):
        raise TypeError(f"{name} is dense: it has no hash")
    value = values.get(str(input_of(name, feature)))
    if not value:
        return []
    if isinstance(feature, Tokens):
        return [hash32(token, seed) for token in value.split(" ") if token]
    if isinstance(feature, CharNGrams):
        return [hash32(value[i : i + feature.n], seed) for i in range(len(value) - feature.n + 1)]
    if isinstance(feature, ListOf | History):
        return [hash32(element, seed) for element in value if element]
    return [hash32(value, seed)]


def coordinates(features: FeatureSet, name: str, values: Values) -> list[float]:
    """Return the dense coordinates of a numeric or vector feature for one event; NaN where it is missing."""
    feature = features.features[name]
    if isinstance(feature, Vector):
        return list(values.get(feature.field) or [math.nan] * feature.length)
    if not isinstance(feature, NUMERIC):
        raise TypeError(f"{name} is hashed: it has no coordinates")
    value = float(values.get(str(input_of(name, feature)), math.nan))
    return [math.copysign(math.log1p(abs(value)), value) if feature.log else value]
