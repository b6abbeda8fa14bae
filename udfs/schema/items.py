"""What is kept under the items of a model in [item]: features of their behaviour, and rules about them."""

from __future__ import annotations

from typing import NamedTuple

from udfs.schema.behaviour import Count, Rate, Since
from udfs.schema.feature import FeatureSet
from udfs.schema.model import Model
from udfs.schema.plan import Plan


class ItemKeys(NamedTuple):
    """How the examples of a model are keyed in [item].

    Attributes:
        field: the field that names the item.
        partitions: over how many keys its values are spread.
    """

    field: str
    partitions: int


def item_features(features: FeatureSet, model: Model) -> dict[str, Count | Rate | Since]:
    """Return the features of items that a model sees, by name: counts, then rates, then the others."""
    kinds = {name: features.features[name] for name in features.features if name in model.features}
    return {
        name: kind
        for wanted in (Count, Rate, Since)
        for name, kind in kinds.items()
        if isinstance(kind, wanted) and kind.of == "item"
    }


def item_keys(plan: Plan, model: Model) -> ItemKeys | None:
    """Return how a model's examples are keyed in [item]; None where they go past it."""
    rules = model.anomalies.items
    if rules is not None:
        return ItemKeys(rules.field, rules.partitions)
    if plan.join is not None and item_features(plan.features, model):
        return ItemKeys(plan.join.items.field, plan.join.items.partitions)
    return None
