"""The keyed vertices of a plan: how many keys each has, and how to make the stage of a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from udfs.errors import StateError
from udfs.schema import Plan
from udfs.stages.destinations import first_item_key
from udfs.stages.fingerprint import Fingerprint
from udfs.stages.item import make_item_stage
from udfs.stages.read import ReadStage
from udfs.stages.release import make_release_stage
from udfs.stages.shape import item_fingerprint, release_fingerprint, train_fingerprint, user_fingerprint
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
        cold: whether a state of another shape is dropped: a model, its items and its releases start cold.
    """

    name: str
    keys: int
    make: Callable[[int], Stage]
    fingerprint: Callable[[int], Fingerprint]
    cold: bool


def vertices(plan: Plan) -> tuple[Vertex, ...]:
    """Return [user], [item] where a model judges or follows its items, [train] and [release] of a plan."""
    partitions = sum(model.partitions for model in plan.models)
    items = first_item_key(plan, len(plan.models))
    judges = (
        Vertex("item", items, lambda key: make_item_stage(plan, key), lambda key: item_fingerprint(plan, key), True),
    )
    return (
        Vertex(
            "user", plan.buckets, lambda key: make_user_stage(plan, key), lambda key: user_fingerprint(plan, key), False
        ),
        *(judges if items else ()),
        Vertex(
            "train", partitions, lambda key: make_train_stage(plan, key), lambda key: train_fingerprint(plan, key), True
        ),
        Vertex(
            "release",
            len(plan.models),
            lambda key: make_release_stage(plan, key),
            lambda key: release_fingerprint(plan, key),
            True,
        ),
    )


def stage_of(fingerprint: Fingerprint) -> Stage:
    """Return the stage that wrote a state, as its own plan makes it.

    Raises:
        StateError: this version cannot read that plan.
    """
    try:
        plan = Plan.from_json(fingerprint.plan.encode())
    except msgspec.MsgspecError as error:
        raise StateError(
            f"The plan that a stored state was made by cannot be read ({error})",
            "Resume with the version that wrote it, and stop that with a savepoint",
        ) from error
    if fingerprint.stage == ReadStage.name:
        return ReadStage()
    vertex = next(vertex for vertex in vertices(plan) if vertex.name == fingerprint.stage)
    return vertex.make(fingerprint.key)
