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
        begun: int64 (labels,): the place of the label among those that windows of others begin with, or -1.
        early: bool (labels,): whether its positives leave when their feedback came.
        late: bool (labels,): whether feedback after the window counts.
    """

    key: I64
    last: Bool
    within: I64
    rank: U8
    window: I64
    begins: I64
    begun: I64
    early: Bool
    late: Bool


def rules_of(join: Join) -> Rules:
    """Return the tables."""
    names = [label.name for label in join.labels]
    rank = [
        [ranks.index(label.feedback[kind.event]) + 1 if kind.event in label.feedback else 0 for kind in join.feedback]
        for label, ranks in zip(join.labels, map(_ranks, (label.feedback for label in join.labels)), strict=True)
    ]
    begins = [names.index(str(label.population)) if label.start == "feedback" else -1 for label in join.labels]
    beginning = sorted(set(begins) - {-1})
    return Rules(
        np.array([join.keys.index(kind.by) for kind in join.feedback], np.int64),
        np.array([kind.last for kind in join.feedback], np.bool_),
        np.array([kind.within for kind in join.feedback], np.int64),
        np.array(rank, np.uint8).reshape(len(join.labels), len(join.feedback)),
        np.array([label.window for label in join.labels], np.int64),
        np.array(begins, np.int64),
        np.array([beginning.index(label) if label in beginning else -1 for label in range(len(names))], np.int64),
        np.array([label.early_positives for label in join.labels], np.bool_),
        np.array([label.late != "ignore" for label in join.labels], np.bool_),
    )


def with_slack(span: int) -> int:
    """Return for how long what may be wanted for so many microseconds is kept: windows close a thirty-second late."""
    return span + span // 16 + 1_000_000


def keyed() -> Rules:
    """Return tables for events that are found by one key and answer nothing."""
    none = np.zeros(0, np.int64)
    return Rules(
        np.zeros(1, np.int64),
        np.ones(1, np.bool_),
        np.zeros(1, np.int64),
        np.zeros((0, 1), np.uint8),
        none,
        none,
        none,
        np.zeros(0, np.bool_),
        np.zeros(0, np.bool_),
    )


def _ranks(weights: dict[str, float]) -> list[float]:
    return sorted(set(weights.values()))


def weights_of(join: Join) -> list[F64]:
    """Return for each label the weight of an example by the rank of what came; 1 where nothing came."""
    return [np.array([1.0, *_ranks(label.feedback)]) for label in join.labels]
