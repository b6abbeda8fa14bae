"""The three keyed vertices of a plan: how many keys each has, and how to make the stage of a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from udfs.schema import Plan
from udfs.stages.keeper import Fingerprint
from udfs.stages.release import make_release_stage
from udfs.stages.shape import release_fingerprint, train_fingerprint, user_fingerprint
from udfs.stages.stage import Stage
from udfs.stages.train import make_train_stage
from udfs.stages.user import make_user_stage


class Vertex(NamedTuple):
    """One keyed vertex.

    Attributes:
        name: its name.
        keys: how many logical keys it has, from 0.
        make: makes the stage of a key.
        fingerprint: what the stored state of a key belongs to.
        cold: whether a state of another shape is dropped: a model starts cold, nothing else does.
    """

    name: str
    keys: int
    make: Callable[[int], Stage]
    fingerprint: Callable[[int], Fingerprint]
    cold: bool


def _model_of(plan: Plan, key: int) -> int:
    return [i for i, model in enumerate(plan.models) for _ in range(model.partitions)][key]


def vertices(plan: Plan) -> tuple[Vertex, Vertex, Vertex]:
    """Return [user], [train] and [release] of a plan."""
    partitions = sum(model.partitions for model in plan.models)
    return (
        Vertex("user", plan.buckets, lambda key: make_user_stage(plan, key), lambda _: user_fingerprint(plan), False),
        Vertex(
            "train",
            partitions,
            lambda key: make_train_stage(plan, key),
            lambda key: train_fingerprint(plan, _model_of(plan, key)),
            True,
        ),
        Vertex(
            "release",
            len(plan.models),
            lambda key: make_release_stage(plan, key),
            lambda key: release_fingerprint(plan, key),
            False,
        ),
    )
