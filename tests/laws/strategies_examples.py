"""Random examples of a space that has every kind of feature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from udfs.features import Batch, Space
from udfs.learners import LEARNERS, Learner, make
from udfs.schema import Categorical, FeatureSet, Label, ListOf, Model, Number, Vector

FEATURES = FeatureSet(
    seed=1,
    features={
        "user": Categorical(field="user"),
        "item": Categorical(field="item"),
        "tags": ListOf(field="tags"),
        "price": Number(field="price"),
        "age": Number(field="age", standardise=False),
        "image": Vector(field="image", length=2),
    },
)
SPACE = Space.of(FEATURES, tuple(FEATURES.features))
BITS = 5


def learner(name: str, seed: int = 1, **options: Any) -> Learner:
    description = Model(
        name="m",
        learner=name,
        features=SPACE.names,
        label=Label(field="y"),
        options={"bits": BITS, **options},
        seed=seed,
    )
    return make(description, SPACE)


def binary(name: str) -> bool:
    return LEARNERS[name].task != "regression"


def batch(seed: int, n: int, *, labels: str = "binary", missing: float = 0.2, slots: int = 1 << 32) -> Batch:
    draw = np.random.default_rng(seed)
    rows = [
        [(f, draw.integers(slots)) for f in range(2) if draw.random() >= missing]
        + [(2, draw.integers(slots)) for _ in range(draw.integers(4))]
        for _ in range(n)
    ]
    entries = [entry for row in rows for entry in row]
    indptr = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    dense = draw.normal(3.0, 2.0, (n, SPACE.width))
    dense[draw.random(dense.shape) < missing] = math.nan
    label = (draw.random(n) < 0.4).astype(np.float64) if labels == "binary" else draw.normal(3.0, 1.0, n)
    return Batch(
        indptr,
        np.array([slot for _, slot in entries], np.uint32),
        np.ones(len(entries), np.float32),
        np.array([field for field, _ in entries], np.uint16),
        dense,
        label,
        draw.choice([0.0, 0.5, 1.0, 2.0], n),
        np.zeros(n, np.int64),
    )


def batch_for(name: str, seed: int, n: int, **kwargs: Any) -> Batch:
    return batch(seed, n, labels="binary" if binary(name) else "numbers", **kwargs)


@st.composite
def cuts(draw: st.DrawFn, n: int) -> list[int]:
    inner = draw(st.lists(st.integers(0, n), max_size=6))
    return [0, *sorted(inner), n]
