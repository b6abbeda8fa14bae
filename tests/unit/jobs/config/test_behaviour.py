"""Features of behaviour: what they become, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from jobs.config.against import compare
from jobs.config.configuration import parse
from udfs.schema import Count, History, Plan, Rate, Since
from udfs.stages.shape import user_fingerprint

from .test_join import TREE, problems

MINUTE = 60_000_000
FEATURES = {
    "recent_items": {"kind": "history", "of": "user", "field": "item", "events": ["click", "cart"], "last": 7},
    "clicks_1h": {"kind": "count", "events": "click", "within": "1h", "log": True},
    "clickiness": {"kind": "rate", "events": "click", "per": "impression", "half_life": "1d", "prior": 0.1},
    "since_click": {"kind": "since", "events": "click", "standardise": False},
}


def plan(features: dict[str, Any], **join: Any) -> Plan:
    tree = TREE | {"features": TREE["features"] | features, "join": TREE["join"] | join}
    return parse(yaml.safe_dump(tree, sort_keys=False), {}).plan(1, True)


def test_what_they_become() -> None:
    described = plan(FEATURES, max_users=5000)
    found = [described.features.features[name] for name in FEATURES]
    assert found == [
        History(field="item", events=("click", "cart"), last=7),
        Count(events=("click",), within=60 * MINUTE, log=True),
        Rate(events=("click",), per=("impression",), half_life=1440 * MINUTE, prior=0.1, strength=20.0),
        Since(events=("click",), standardise=False),
    ]
    assert described.join is not None
    assert described.join.max_users == 5000
    assert Plan.from_json(described.to_json()) == described


def with_(name: str, **changed: Any) -> dict[str, Any]:
    return {f"features.{name}": FEATURES[name] | changed}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            with_("recent_items", of="item"),
            "features.recent_items.of: is 'item', but a history is of a user's events; allowed is user",
        ),
        (with_("recent_items", of="shop"), "features.recent_items.of"),
        (with_("recent_items", events="clik"), "is 'clik', no event type; did you mean click?"),
        (with_("recent_items", events=[]), "features.recent_items.events"),
        (with_("recent_items", field="price"), "'price', no categorical or text field of events.click"),
        (with_("recent_items", last=0), "features.recent_items.last"),
        (with_("clicks_1h", within="1s"), "features.clicks_1h.within"),
        (with_("clickiness", per="impresion"), "features.clickiness.per: is 'impresion', no event type"),
        (with_("clickiness", strength=0), "features.clickiness.strength"),
        ({"features.price": FEATURES["since_click"]}, "features.price: is also the name of a field"),
        (with_("since_click") | {"join": None}, "features.since_click: is behaviour as of an impression"),
        (
            with_("since_click") | {"models.ctr.label": "price"},
            "models.ctr.features: has click_rate, since_click: behaviour is for",
        ),
        (with_("since_click", events="search") | {"events.search.user": None}, "events.search.user: is missing"),
        (
            with_("since_click") | {"features.both": {"kind": "cross", "of": ["item", "since_click"]}},
            "is 'since_click', no one-slot feature",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(change: dict[str, Any], said: str) -> None:
    assert said in problems(change)


@pytest.mark.parametrize(
    "changed",
    [{}, FEATURES | {"clicks_1h": FEATURES["clicks_1h"] | {"within": "2h"}}],
    ids=["gone", "changed"],
)
def test_a_state_with_other_behaviour_is_refused(changed: dict[str, Any]) -> None:
    old, new = plan(FEATURES), plan(changed)
    refused = [change.key for change in compare(old, new) if change.verdict == "refused"]
    assert "features.behaviour" in refused
    assert user_fingerprint(old, 0).shape != user_fingerprint(new, 0).shape


def test_the_number_of_users_may_change() -> None:
    old, new = plan(FEATURES), plan(FEATURES, max_users=5000)
    assert [(change.key, change.verdict) for change in compare(old, new)] == [("join.max_users", "allowed")]
    assert user_fingerprint(old, 0).shape == user_fingerprint(new, 0).shape
