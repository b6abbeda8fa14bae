from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from jobs.config import load
from jobs.explain import states

ROOT = Path(__file__).parents[3]


def told(folder: Path, **models: dict[str, Any]) -> dict[str, str]:
    """Return what is said of each operator's state for the example of a shop, with more in sections of its models."""
    tree = yaml.safe_load((ROOT / "examples" / "shop.yaml").read_text())
    for name, sections in models.items():
        tree["models"][name] |= sections
    config = folder / "shop.yaml"
    config.write_text(yaml.safe_dump(tree, sort_keys=False))
    configuration = load(config).under(folder / "out")
    return states(configuration, configuration.plan(epoch=0, bounded=False))


def test_the_state_of_behaviour_is_told_with_its_bound(tmp_path: Path) -> None:
    assert "; what users did, for click_rate, at most 1000000 users" in told(tmp_path)["user"]


def test_without_features_of_behaviour_nothing_is_told_of_it(tmp_path: Path) -> None:
    names = ["category", "item", "device", "price"]
    assert "what users did" not in told(tmp_path, ctr={"features": names})["user"]


def test_what_guards_and_rules_keep_is_told_with_its_bounds(tmp_path: Path) -> None:
    plain = told(tmp_path)
    assert not any(word in plain["train"] for word in ("filters", "held while"))
    ctr = {
        "breaker": {"policy": "hold", "hold_back": 500, "max_held": 900},
        "anomalies": {"items": {"field": "item", "max_items": 7_000}, "strange": {}},
    }
    found = told(tmp_path, ctr=ctr, cvr={"breaker": {"hold_back": 300}})
    assert "wait for the circuit breaker, at most 500 of ctr, 300 of cvr" in found["train"]
    assert "held while it is open, at most 900 of ctr;" in found["train"]
    assert "what filters of ctr have seen" in found["train"]
    assert "evidence about items, at most 7000 of ctr; counts" in found["item"]
