"""examples/shop.yaml, with any features of what its users did before, and of what became of its items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from jobs.config import parse
from jobs.config.configuration import Configuration

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "shop.yaml"
FEATURES: dict[str, dict[str, Any]] = {
    "recent_items": {"kind": "history", "field": "item", "events": ["click", "cart"], "last": 10},
    "clicks_1h": {"kind": "count", "events": "click", "within": "1h", "log": True},
    "click_rate": {"kind": "rate", "events": "click", "per": "impression", "half_life": "7d", "log": True},
    "since_click": {"kind": "since", "events": "click", "log": True},
}

OF_ITEMS: dict[str, dict[str, Any]] = {
    "item_click_rate": FEATURES["click_rate"] | {"of": "item"},
}


def with_behaviour(names: Sequence[str], **model: Any) -> Configuration:
    """Return the example with these of ``FEATURES`` and ``OF_ITEMS``, and no others, for its model of clicks.

    ``model`` is what else is said of that model.
    """
    tree = yaml.safe_load(EXAMPLE.read_text())
    kinds = {feature["kind"] for feature in FEATURES.values()}
    others = {
        name: feature
        for name, feature in tree["features"].items()
        if not (isinstance(feature, dict) and feature.get("kind") in kinds)
    }
    tree["features"] = others | {name: (FEATURES | OF_ITEMS)[name] for name in names}
    tree["models"]["ctr"].pop("features", None)
    tree["models"]["ctr"] |= model
    return parse(yaml.safe_dump(tree, sort_keys=False), {})
