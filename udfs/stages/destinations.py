"""Where the examples of each model go: to [item] where they are judged or find features of their items, else
on to [train].

Keys of [item] are (model, bucket of the item), of the models that have such rules or features, in their order.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from udfs.schema import Model, Plan, item_keys
from udfs.stages.stage import Route

TO: Final = "to"
"""The column of example frames for [item] that holds the keys of [train] (int64) they are for."""


class Destination(NamedTuple):
    """Where the examples of a model go from [user].

    Attributes:
        route: to the next vertex, or past it.
        first: the first key there.
        keys: how many there are.
    """

    route: Route
    first: int
    keys: int


def item_partitions(plan: Plan, model: Model) -> int:
    """Return how many keys of [item] a model has."""
    keys = item_keys(plan, model)
    return keys.partitions if keys is not None else 0


def first_item_key(plan: Plan, index: int) -> int:
    """Return the first key of a model in [item]."""
    return sum(item_partitions(plan, model) for model in plan.models[:index])


def first_train_key(plan: Plan, index: int) -> int:
    """Return the first key of a model in [train]."""
    return sum(model.partitions for model in plan.models[:index])


def destination(plan: Plan, index: int) -> Destination:
    """Return where the examples of a model go from [user]."""
    model = plan.models[index]
    if partitions := item_partitions(plan, model):
        return Destination(Route.NEXT, first_item_key(plan, index), partitions)
    route = Route.PAST if first_item_key(plan, len(plan.models)) else Route.NEXT
    return Destination(route, first_train_key(plan, index), model.partitions)
