"""The tables of a join that its kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.schema import Join
from udfs.types import F64, I64, U8, Bool


class Rules(NamedTuple):
    """What decides which impression feedback answers, and what it is worth.

    Attributes:
        key: int64 (kinds,): by which key each kind of feedback finds its impression.
        last: bool (kinds,): whether it never precedes it.
        within: int64 (kinds,): microseconds that an impression can be answered for.
        rank: uint8 (labels, kinds): what a kind is worth to a label, from 1 for the least weight; 0 for nothing.
        window: int64 (labels,): microseconds.
        begins: int64 (labels,): the label whose first feedback begins the window, or -1 for the impression.
    """

    key: I64
    last: Bool
    within: I64
    rank: U8
    window: I64
    begins: I64


def rules_of(join: Join) -> Rules:
    """Return the tables."""
    names = [label.name for label in join.labels]
    rank = [
        [ranks.index(label.feedback[kind.event]) + 1 if kind.event in label.feedback else 0 for kind in join.feedback]
        for label, ranks in zip(join.labels, map(_ranks, (label.feedback for label in join.labels)), strict=True)
    ]
    return Rules(
        np.array([join.keys.index(kind.by) for kind in join.feedback], np.int64),
        np.array([kind.last for kind in join.feedback], np.bool_),
        np.array([kind.within for kind in join.feedback], np.int64),
        np.array(rank, np.uint8).reshape(len(join.labels), len(join.feedback)),
        np.array([label.window for label in join.labels], np.int64),
        np.array(
            [names.index(str(label.population)) if label.start == "feedback" else -1 for label in join.labels], np.int64
        ),
    )


def _ranks(weights: dict[str, float]) -> list[float]:
    return sorted(set(weights.values()))


def weights_of(join: Join) -> list[F64]:
    """Return for each label the weight of an example by the rank of what came; 1 where nothing came."""
    return [np.array([1.0, *_ranks(label.feedback)]) for label in join.labels]
