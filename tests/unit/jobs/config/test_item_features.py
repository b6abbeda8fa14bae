"""Features of items: what they become, what is refused with the reason, and what a change does to what is kept."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from jobs.config.against import compare
from jobs.config.configuration import parse
from udfs.schema import Count, Items, Plan, Rate, Since, item_keys
from udfs.stages.shape import user_fingerprint

from .test_join import TREE, problems

DAY = 86_400_000_000
RATE = {"kind": "rate", "of": "item", "events": "click", "per": "impression", "half_life": "7d"}
SHOWN = {"kind": "count", "of": "item", "events": "impression", "within": "1h"}
SINCE = {"kind": "since", "of": "item", "events": "click", "log": True}
FEATURES = {"item_click_rate": RATE, "item_shown": SHOWN, "since_item_click": SINCE}
RULES = {"items": {"field": "item"}}


def plan(features: dict[str, Any], anomalies: dict[str, Any] | None = None, **items: Any) -> Plan:
    join = TREE["join"] | ({"items": items} if items else {})
    models = TREE["models"] | {"ctr": TREE["models"]["ctr"] | ({"anomalies": anomalies} if anomalies else {})}
    tree = TREE | {"features": TREE["features"] | features, "join": join, "models": models}
    return parse(yaml.safe_dump(tree, sort_keys=False), {}).plan(1, True)


def test_what_they_become() -> None:
    described = plan(FEATURES, field="category", max_items=5000, partitions=3)
    assert [described.features.features[name] for name in FEATURES] == [
        Rate(of="item", events=("click",), per=("impression",), half_life=7 * DAY),
        Count(of="item", events=("impression",), within=DAY // 24),
        Since(of="item", events=("click",), log=True),
    ]
    assert described.join is not None
    assert described.join.items == Items(field="category", max_items=5000, partitions=3)
    assert Plan.from_json(described.to_json()) == described
    assert item_keys(described, described.model("ctr")) == ("category", 3)
    assert item_keys(described, described.model("cvr")) is None


def with_(feature: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {"features.of_items": feature | changed}


CVR = ["category", "of_items"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            with_({"kind": "history", "of": "item", "field": "user", "events": "click"}),
            "features.of_items.of: is 'item', but a history is of a user's events; allowed is user",
        ),
        (
            with_(RATE, events="cart"),
            "models.ctr.features: has of_items, a rate of cart per impression, but the examples of clicked are "
            "impression, the positive ones click",
        ),
        (with_(RATE, per="search"), "a rate of click per search"),
        (with_(RATE, events="impression", per="click"), "a rate of impression per click"),
        (with_(SINCE, events=["click", "cart"]), "has of_items, of cart, click, but the examples of clicked are"),
        (with_(SINCE, events="clik"), "is 'clik', no event type; did you mean click?"),
        (
            with_(RATE) | {"models.cvr.features": CVR},
            "models.cvr.features: has of_items, a rate of click per impression, but the examples of bought are click, "
            "the positive ones cart, purchase",
        ),
        (with_(RATE) | {"join.items": {"field": "price"}}, "join.items.field: is 'price', no categorical field of"),
        (with_(RATE) | {"join.items": {"max_items": 1}}, "join.items.max_items"),
        (
            with_(RATE) | {"models.ctr.anomalies": {"items": {"field": "category"}}},
            "models.ctr.anomalies.items.field: is 'category', join.items.field 'item'",
        ),
        (
            with_(RATE) | {"models.ctr.anomalies": {"items": {"field": "item", "partitions": 2}}},
            "models.ctr.anomalies.items.partitions: is 2, join.items.partitions 1",
        ),
        (with_(RATE) | {"join": None}, "features.of_items: is behaviour as of an impression"),
        (with_(RATE) | {"models.ctr.label": "price"}, "behaviour is for models whose label is joined"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(change: dict[str, Any], said: str) -> None:
    assert said in problems(change)


def test_a_rate_of_a_population_is_per_the_feedback_that_brings_it() -> None:
    tree = TREE | {"features": TREE["features"] | {"of_items": RATE | {"events": ["cart", "purchase"], "per": "click"}}}
    ctr = [name for name in TREE["features"] if name != "seed"]
    tree["models"] = {
        "ctr": TREE["models"]["ctr"] | {"features": ctr},
        "cvr": TREE["models"]["cvr"] | {"features": CVR},
    }
    described = parse(yaml.safe_dump(tree, sort_keys=False), {}).plan(1, True)
    assert item_keys(described, described.model("cvr")) == ("item", 1)
    assert item_keys(described, described.model("ctr")) is None


def verdicts(old: Plan, new: Plan) -> dict[str, str]:
    return {change.key: change.verdict for change in compare(old, new)}


def test_what_becomes_of_what_is_kept() -> None:
    old = plan(FEATURES)
    assert verdicts(old, plan(FEATURES, max_items=5000)) == {"join.items.max_items": "allowed"}
    assert verdicts(old, plan(FEATURES, partitions=2)) == {"join.items.partitions": "cold start"}
    assert verdicts(old, plan(FEATURES, field="category")) == {"join.items.field": "cold start"}


def test_states_of_users_go_on_when_features_of_items_come_and_go() -> None:
    old, new = plan(FEATURES), plan({})
    assert user_fingerprint(old, 0).shape == user_fingerprint(new, 0).shape
    for before, after in ((old, new), (new, old)):
        found = verdicts(before, after)
        assert "refused" not in found.values()
        assert found["models.ctr.features"] == "cold start"
    (gone,) = [change for change in compare(old, new) if change.key == "models.ctr.items"]
    assert gone.verdict == "allowed"
    assert "ignore-unclaimed-state" in gone.why
    both = plan(FEATURES, RULES)
    assert "ignore-unclaimed-state" not in str(compare(both, plan({}, RULES)))
