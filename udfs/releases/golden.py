"""Golden rows: invented events whose scores every reader can check, made from the feature description alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from udfs.releases import runtime
from udfs.releases.graph import TIMESTAMP, Keys
from udfs.releases.manifest import Golden, Row
from udfs.schema import (
    Categorical,
    CharNGrams,
    Count,
    FeatureSet,
    History,
    ListOf,
    Number,
    Rate,
    Since,
    Tokens,
    Vector,
)
from udfs.schema.feature import input_of

_WORDS: Final = ("red", "shoes", "größe", "手机", "壳", "🙂", "é", "İstanbul", "a", "0", "1", "42", "true", "ﬁ")
_TEXTS: Final = ("", "x", "red  shoes", " leading and trailing ", "手机 壳", "🙂🙂🙂", "größe 42", "no\u00a0break\ttab")
_NUMBERS: Final = (0.0, -1.0, 0.5, 1e-9, 1e9, -1e9, 12345.678)
_TIMES: Final = (0, -1, 1_700_000_000_000_000, 951_782_399_999_999, -123_456_789_000_000)
_CANDIDATES: Final = 256


def candidates(features: FeatureSet, keys: Keys | None = None, count: int = _CANDIDATES) -> list[Row]:
    """Return invented rows: one without any field, then random ones; the same for the same description."""
    # The digest seeds the draw: random.Random hashes a string with SHA-512, whatever PYTHONHASHSEED is.
    draw = random.Random(features.digest())
    return [{TIMESTAMP: 0}, *(_row(features, keys, draw) for _ in range(count - 1))]


def golden_rows(model: bytes, features: FeatureSet, keys: Keys | None = None, count: int = 16) -> tuple[Golden, ...]:
    """Return rows with the model's scores: plain edge cases first, then those that move the score most.

    Most invented values fall on slots that were never learned; the rows that move the score test the most.
    """
    rows = candidates(features, keys)
    scores = runtime.score(runtime.session(model), rows)
    distance = np.nan_to_num(np.abs(scores - scores[0]))
    half = count // 2
    order = half + np.argsort(-distance[half:], kind="stable")
    chosen: Sequence[int] = [*range(half), *(int(i) for i in order[: count - half])]
    return tuple(Golden(row=rows[i], score=float(scores[i]) if np.isfinite(scores[i]) else None) for i in chosen)


def _row(features: FeatureSet, keys: Keys | None, draw: random.Random) -> Row:
    row: dict[str, Any] = {TIMESTAMP: draw.choice(_TIMES)}
    for name, feature in features.features.items():
        field = input_of(name, feature)
        if field is not None and field not in row and draw.random() < 0.85:
            row[field] = _value(feature, draw)
    if keys is not None and draw.random() < 0.85:
        row[keys.field] = draw.choice((*keys.values, "unknown key"))
    return row


def _value(feature: Any, draw: random.Random) -> Any:
    match feature:
        case Tokens() | CharNGrams():
            return draw.choice(_TEXTS) if draw.random() < 0.4 else " ".join(draw.choices(_WORDS, k=draw.randint(1, 5)))
        case ListOf() | History():
            return draw.choices(_WORDS, k=draw.randint(0, 4))
        case Number() | Count() | Rate() | Since():
            return draw.choice(_NUMBERS) if draw.random() < 0.5 else draw.uniform(-10, 10)
        case Vector(length=length):
            return [draw.uniform(-1, 1) for _ in range(length)]
        case Categorical():
            return draw.choice(_WORDS) if draw.random() < 0.5 else str(draw.randint(0, 100))
        case _:
            raise TypeError(f"{feature} has no field")
