"""The section ``anomalies``: what it becomes, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.config import load
from jobs.config.configuration import parse
from tests.unit.jobs.config.test_join import EXAMPLE, problems
from udfs.schema import Action, ItemAnomalies, Plan, UserAnomalies

USERS = yaml.safe_load(EXAMPLE.read_text())["anomalies"]["users"]


def plan_with(users: dict[str, Any]) -> Plan:
    tree = yaml.safe_load(EXAMPLE.read_text())
    tree["anomalies"]["users"] = users
    return parse(yaml.safe_dump(tree, sort_keys=False), {}).plan(1, True)


def rules(**changed: Any) -> UserAnomalies:
    found = plan_with({**USERS, **changed}).anomalies.users
    assert found is not None
    return found


def test_the_plan_of_the_example() -> None:
    users = load(EXAMPLE).plan(1, True).anomalies.users
    assert users is not None
    assert (users.impressions, users.clicks, users.ignored) == (("impression",), ("click",), ())
    assert (users.learn, users.page, users.error, users.click_rate) == (20, 10, 1e-3, 0.04)
    assert users.actions["pace"] == Action(do="quarantine")
    assert users.actions["clickless"] == Action(do="cap", weight=0.1)
    assert users.caps


def test_one_action_for_all_leaves_out_the_one_that_everybody_falls_under_while_clicks_are_missing() -> None:
    every = rules(actions="drop").actions
    assert set(every) == {"pace", "day", "regular", "restless", "clicker", "hasty"}
    assert set(every.values()) == {Action(do="drop")}
    assert set(rules(actions={"cap": 0.5}).actions.values()) == {Action(do="cap", weight=0.5)}
    assert not rules(actions={}).caps
    assert rules(actions={"clicker": "count"}).actions == {"clicker": Action()}


def test_rules_about_the_items_of_a_model() -> None:
    tree = yaml.safe_load(EXAMPLE.read_text())
    actions = {"ring": "drop", "hot": {"cap": 0.1}}
    tree["models"]["cvr"]["anomalies"] = {"items": {"field": "item", "partitions": 4, "actions": actions}}
    whole = parse(yaml.safe_dump(tree, sort_keys=False), {})
    plan = whole.plan(1, True)
    assert plan.model("ctr").anomalies.items is None
    assert plan.model("cvr").anomalies.items == ItemAnomalies(
        field="item", partitions=4, actions={"ring": Action(do="drop"), "hot": Action(do="cap", weight=0.1)}
    )
    assert parse(whole.effective(), {}).plan(1, True) == plan
    tree["models"]["cvr"]["anomalies"]["items"]["actions"] = "quarantine"
    items = parse(yaml.safe_dump(tree, sort_keys=False), {}).plan(1, True).model("cvr").anomalies.items
    assert items is not None
    assert items.actions == dict.fromkeys(("ring", "hot"), Action(do="quarantine"))


def test_it_is_written_as_it_is_read(tmp_path: Path) -> None:
    whole = load(EXAMPLE)
    assert parse(whole.effective(), {}).anomalies == whole.anomalies
    assert "pace: quarantine" in whole.effective()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"anomalies.users.impression": "impresion"}, "is 'impresion', no event type; did you mean impression?"),
        ({"anomalies.users.click": ["click", "tap"]}, "anomalies.users.click: is 'tap', no event type"),
        ({"anomalies.users.ignore": "click"}, "anomalies.users.ignore: has 'click', which is in anomalies.users.click"),
        ({"anomalies.users.actions": "delete"}, "allowed is count, drop, quarantine, or {cap: W}"),
        ({"anomalies.users.actions.pace": {"cap": -1}}, "allowed is count, drop, quarantine, or {cap: W}"),
        ({"anomalies.users.actions.speed": "drop"}, "'speed' is no reason"),
        ({"anomalies.users.actions.clickles": "drop"}, "did you mean clickless?"),
        ({"anomalies.users.actions.clickless": "drop"}, "while clicks are missing everybody looks so"),
        ({"anomalies.users.actions.clickless": "quarantine"}, "anomalies.users.actions.clickless: is 'quarantine'"),
        ({"anomalies.users.error": 0.5}, "anomalies.users.error"),
        ({"anomalies.users.max_users": 10}, "anomalies.users.max_users"),
        ({"anomalies.users.impression": None}, "anomalies.users.impression: is missing"),
        ({"anomalies.users.impresion": "x"}, "unknown key; did you mean impression?"),
        (
            {"models.ctr.anomalies": {"items": {"field": "itm"}}},
            "no categorical field of impression; did you mean item?",
        ),
        ({"models.ctr.anomalies": {"items": {"field": "price"}}}, "models.ctr.anomalies.items.field: is 'price'"),
        (
            {"models.ctr.anomalies": {"items": {"field": "item", "actions": {"young": "drop"}}}},
            "'young' is no reason. Allowed are: ring, hot",
        ),
        ({"models.ctr.anomalies": {"items": {}}}, "models.ctr.anomalies.items.field: is missing"),
        ({"models.ctr.anomalies": {"users": {}}}, "models.ctr.anomalies.users: unknown key"),
        ({"events.click.user": None, "join": None}, "events.click.user: is missing; rules about users need it"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(change: dict[str, Any], said: str) -> None:
    assert said in problems(change)
