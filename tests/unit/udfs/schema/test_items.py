"""What is kept under the items of a model."""

from __future__ import annotations

from msgspec.structs import replace

from tests.laws.strategies_histories import FOLLOWED, JUDGED
from udfs.schema import item_features, item_keys


def test_rules_and_features_bring_a_model_to_its_items() -> None:
    keys = {model.name: item_keys(FOLLOWED, model) for model in FOLLOWED.models}
    assert keys == {
        "click": ("item", 1),
        "price": ("item", 2),
        "answered": ("item", 2),
        "again": None,
        "soon": ("item", 2),
        "ranked": None,
    }
    soon = {model.name: model for model in JUDGED.models}["soon"]
    assert item_keys(JUDGED, soon) is None
    assert item_keys(replace(FOLLOWED, join=None), {model.name: model for model in FOLLOWED.models}["soon"]) is None


def test_features_of_items_are_counts_then_rates_then_the_others() -> None:
    found = {model.name: list(item_features(FOLLOWED.features, model)) for model in FOLLOWED.models}
    assert found["answered"] == ["item_shown", "item_rate", "since_item"]
    assert found["soon"] == ["item_rate", "since_item"]
    assert found["again"] == found["click"] == []
