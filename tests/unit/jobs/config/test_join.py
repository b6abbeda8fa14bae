"""The section ``join``: what it becomes, and what is refused."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.config import load
from jobs.config.against import compare
from jobs.config.configuration import parse
from udfs.errors import ConfigurationError
from udfs.schema import Feedback, JoinedLabel, Search, TimeRules

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "shop.yaml"
TREE = yaml.safe_load(EXAMPLE.read_text())
MINUTE = 60_000_000


def problems(change: dict[str, Any]) -> str:
    """Return what is said of the example with values set by dotted keys; None deletes."""
    tree = copy.deepcopy(TREE)
    for key, value in change.items():
        *path, last = key.split(".")
        at = tree
        for name in path:
            at = at[name]
        if value is None:
            del at[last]
        else:
            at[last] = value
    with pytest.raises(ConfigurationError) as refused:
        parse(yaml.safe_dump(tree, sort_keys=False), {})
    return str(refused.value)


def test_the_plan_of_the_example() -> None:
    plan = load(EXAMPLE).plan(1, True)
    assert plan.join is not None
    assert plan.join.feedback[0] == Feedback(event="click", by="impression_id", within=60 * MINUTE)
    assert plan.join.labels[1] == JoinedLabel(
        name="bought",
        feedback={"cart": 1.0, "purchase": 3.0},
        window=120 * MINUTE,
        population="clicked",
        start="feedback",
    )
    assert plan.join.search == Search(event="search", by="query_id", fields=("query",), within=60 * MINUTE)
    assert plan.join.horizon == 24 * 60 * MINUTE
    assert plan.time == TimeRules(lateness=10 * MINUTE, max_jump=5 * MINUTE, idle=None)
    assert load(EXAMPLE).plan(1, False).time.idle == MINUTE
    assert [model.label.joined for model in plan.models] == ["clicked", "bought"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"join.impression": "impresion"}, "join.impression: is 'impresion', no event type; did you mean impression?"),
        ({"join.feedback.clik": {"by": "item"}}, "join.feedback.clik: is 'clik', no event type that answers"),
        ({"join.feedback.click": {"by": "price"}}, "no categorical field of events.click"),
        ({"join.feedback.click": {"by": "category"}}, "no categorical field of events.click"),
        ({"join.labels.clicked.feedback": "tap"}, "is 'tap', no type of join.feedback"),
        ({"join.labels.bought.population": "bought"}, "no label before it"),
        ({"join.labels.bought.population": None}, "population is missing"),
        (
            {"join.labels.bought": {"feedback": "cart", "window": "5m", "population": "clicked"}},
            "ends before that of clicked (10m)",
        ),
        ({"models.ctr.label": {"joined": "bought_"}}, "no label of join; did you mean bought?"),
        ({"models.ctr.label": {"joined": "clicked", "field": "price"}}, "one of them"),
        ({"models.ctr.events": ["click"]}, "models.ctr.events: is for labels in events"),
        ({"models.ctr.weight": "price"}, "models.ctr.weight: is for labels in events"),
        ({"events.click.user": None}, "events.click.user: is missing"),
        ({"join": None}, "no label of join"),
        ({"join.labels.clicked.window": "0s"}, "join.labels.clicked.window"),
        ({"join.labels.clicked.feedback": {"click": 0}}, "join.labels.clicked.feedback"),
        ({"join.labels.clicked.late": "later"}, "join.labels.clicked.late"),
        (
            {"join.labels.clicked.late": "reverse", "models.ctr.learner": "mf"},
            "models.ctr.learner: is mf, which cannot learn from join.labels.clicked.late: reverse; allowed are: ftrl",
        ),
        (
            {
                "join.labels.clicked.late": "fake_negative_weighted",
                "models.ctr.negatives": {"keep": 0.5, "correct": "log_odds"},
            },
            "models.ctr.negatives.correct: is log_odds, but fake_negative_weighted weighs by true odds",
        ),
        (
            {"join.labels.clicked.late": "fake_negative_weighted", "models.ctr.learner": "linear"},
            "models.ctr.learner: is linear, which cannot learn from join.labels.clicked.late: fake_negative_weighted",
        ),
        (
            {"join.labels.bought.start": "impression", "join.labels.bought.early_positives": True},
            "give it start: feedback",
        ),
        ({"join.search.event": "serach"}, "join.search.event: is 'serach', no event type besides impressions and feed"),
        ({"join.search.event": "click"}, "no event type besides impressions and feedback"),
        ({"join.search.by": "item"}, "no categorical field of events.search"),
        ({"join.search.by": "query"}, "no categorical field of events.impression"),
        ({"join.search.fields": "qurey"}, "no field of events.search; did you mean query?"),
        ({"join.search.fields": "query_id"}, "query_id is a field of events.impression itself"),
        ({"join.search.fields": []}, "join.search.fields"),
        ({"events.search.user": None}, "events.search.user: is missing; it brings a search to where"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(change: dict[str, Any], said: str) -> None:
    assert said in problems(change)


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("clicked", {"late": "reverse"}),
        ("bought", {"early_positives": True}),
        (None, {"search": None}),
    ],
)
def test_another_policy_is_refused_while_impressions_wait(section: str | None, change: dict[str, Any]) -> None:
    tree = copy.deepcopy(TREE)
    (tree["join"]["labels"][section] if section else tree["join"]).update(change)
    before, after = load(EXAMPLE).plan(1, True), parse(yaml.safe_dump(tree, sort_keys=False), {}).plan(2, True)
    assert [(one.key, one.verdict) for one in compare(before, after)] == [("join", "refused")]
