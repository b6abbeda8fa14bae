"""What ``check --against`` says of a change is what becomes of the state when it goes on by the other plan."""

from __future__ import annotations

import functools
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jobs.config.against import Change, compare
from tests.laws.strategies_histories import JUDGED, PLAN, START, history
from udfs.errors import StateError
from udfs.learners import LEARNERS
from udfs.schema import (
    Action,
    Anomalies,
    Augment,
    BreakerRules,
    Categorical,
    Clean,
    Dedup,
    Dropout,
    EventType,
    FeatureSet,
    ItemAnomalies,
    Label,
    Learns,
    Match,
    Model,
    ModelAnomalies,
    Negatives,
    Number,
    NumberRules,
    Plan,
    Replay,
    TimeRules,
    UserAnomalies,
)
from udfs.stages.driver import Driver
from udfs.stages.stage import Route

CLICK, PRICE = PLAN.models
assert CLICK.drift is not None
WATCHED = CLICK.drift
EVENT = PLAN.events[0]
FILTER = ModelAnomalies(numbers=(NumberRules(field="price", by="item"),))
THIRD = replace(CLICK, name="third", seed=3)
RULES = Anomalies(users=UserAnomalies(impressions=("click",), actions={"pace": Action(do="cap", weight=0.5)}))
ITEMS = ModelAnomalies(items=ItemAnomalies(field="item"))
OTHER = EventType(
    name="view", match=Match(path=("kind",), values=("view",)), fields=EVENT.fields[:2], timestamp=EVENT.timestamp
)


@pytest.mark.parametrize("name", LEARNERS)
def test_options_that_change_in_place_are_options_that_shape_no_array(name: str) -> None:
    kind = LEARNERS[name]
    options = {field.name for field in msgspec.structs.fields(kind.options_type)}
    assert kind.in_place <= options - {"bits", "k"}


def models(*changed: Model) -> Plan:
    return replace(PLAN, models=changed)


def click(**changed: Any) -> Plan:
    return models(replace(CLICK, **changed), PRICE)


def price(**changed: Any) -> Plan:
    return models(CLICK, replace(PRICE, **changed))


def event(**changed: Any) -> Plan:
    return replace(PLAN, events=(replace(EVENT, **changed),))


def fields(name: str, **changed: Any) -> Plan:
    return event(fields=tuple(replace(f, **changed) if f.name == name else f for f in EVENT.fields))


def features(changed: dict[str, Any], seed: int = 1) -> Plan:
    return replace(PLAN, features=FeatureSet(seed=seed, features=changed))


FEATURES = PLAN.features.features
FIRST = {"shop": Categorical(field="shop"), **FEATURES}
LAST = {**FEATURES, "shop": Categorical(field="shop")}

CHANGES: dict[str, tuple[Plan, dict[str, str]]] = {
    "another start": (replace(PLAN, epoch=2), {}),
    "buckets": (replace(PLAN, buckets=4), {"runtime.buckets": "refused"}),
    "source": (replace(PLAN, source="kafka"), {"source": "refused"}),
    "bounded": (replace(PLAN, bounded=False), {"--bounded": "allowed"}),
    "dedup": (
        replace(PLAN, dedup=Dedup(window=10**6, max_ids=40)),
        {"dedup.window": "allowed", "dedup.max_ids": "allowed"},
    ),
    "time": (
        replace(PLAN, time=TimeRules(lateness=None, max_jump=1 << 40)),
        {"time.lateness": "allowed", "time.max_jump": "allowed"},
    ),
    "rules about users, on": (
        replace(PLAN, anomalies=RULES),
        {f"anomalies.users.{name}": "allowed" for name in UserAnomalies.__struct_fields__},
    ),
    "rules about items, on": (
        click(anomalies=ITEMS),
        {f"models.click.anomalies.items.{name}": "allowed" for name in ItemAnomalies.__struct_fields__},
    ),
    "a new event type": (replace(PLAN, events=(OTHER, EVENT)), {"events.view": "allowed"}),
    "an event's name": (event(name="tap"), {"events.click": "allowed", "events.tap": "allowed"}),
    "a field's bound": (fields("price", maximum=50.0), {"events.click.fields.price": "allowed"}),
    "an id": (event(id=("id", "item")), {"events.click.id": "cold start", "events.click.fields.item": "cold start"}),
    "a user": (
        event(user="shop"),
        dict.fromkeys(("events.click.user", "events.click.fields.user", "events.click.fields.shop"), "cold start"),
    ),
    "how a user is cleaned": (
        fields("user", clean=Clean(case="upper")),
        {"events.click.fields.user": "cold start"},
    ),
    "an unused feature": (features(LAST), {"features.shop": "allowed"}),
    "a feature": (
        features({**FEATURES, "price": Number(field="price", log=True)}),
        {"models.click.features": "cold start"},
    ),
    "the seed of all features": (
        features(FEATURES, seed=2),
        {"models.click.features": "cold start", "models.price.features": "cold start"},
    ),
    "a feature for one model, last": (
        replace(features(LAST), models=(replace(CLICK, features=(*CLICK.features, "shop")), PRICE)),
        {"models.click.features": "cold start"},
    ),
    "a feature for one model, first": (
        replace(features(FIRST), models=(replace(CLICK, features=(*CLICK.features, "shop")), PRICE)),
        {"models.click.features": "cold start", "models.price.columns": "cold start"},
    ),
    "a model last": (models(CLICK, PRICE, THIRD), {"models.third": "cold start"}),
    "a model first": (
        models(THIRD, CLICK, PRICE),
        {"models.third": "cold start", "models.click.place": "cold start", "models.price.place": "cold start"},
    ),
    "models in another order": (
        models(PRICE, CLICK),
        {"models.click.place": "cold start", "models.price.place": "cold start"},
    ),
    "without the last model": (models(CLICK), {"models.price": "allowed"}),
    "without the first model": (models(PRICE), {"models.click": "allowed", "models.price.place": "cold start"}),
    "a model's name": (click(name="tap"), {"models.click": "allowed", "models.tap": "cold start"}),
    "label": (
        click(label=Label(field="click", positive=("0",))),
        {"models.click.label": "cold start"},
    ),
    "weight": (click(weight="price"), {"models.click.weight": "cold start"}),
    "events": (click(events=("click",)), {"models.click.events": "cold start"}),
    "key": (click(keyed_by="shop"), {"models.click.keyed_by": "cold start"}),
    "partitions": (price(partitions=3), {"models.price.partitions": "cold start"}),
    "seed": (click(seed=5), {"models.click.seed": "cold start"}),
    "learner": (click(learner="linear"), {"models.click.learner": "cold start"}),
    "bits": (click(options={"bits": 7}), {"models.click.options.bits": "cold start"}),
    "alpha": (click(options={"bits": 6, "alpha": 0.5}), {"models.click.options.alpha": "cold start"}),
    "l1": (click(options={"bits": 6, "l1": 0.5}), {"models.click.options.l1": "allowed"}),
    "rate": (price(options={"bits": 6, "learning_rate": 0.5}), {"models.price.options.learning_rate": "allowed"}),
    "most values": (price(max_values=2), {"models.price.max_values": "allowed"}),
    "snapshots": (click(snapshot_examples=9), {"models.click.snapshot.examples": "allowed"}),
    "window": (click(window=9), {"models.click.window": "cold start"}),
    "what is watched": (click(drift=replace(WATCHED, of="loss")), {"models.click.drift": "cold start"}),
    "no detectors": (click(drift=None), {"models.click.drift": "cold start"}),
    "when it learns": (click(learns=Learns(until=START * 1_000_000)), {"models.click.learns": "allowed"}),
    "what a change does": (click(drift=replace(WATCHED, decay=None, rest=1)), {"models.click.drift": "allowed"}),
    "half-life": (click(options={"bits": 6, "half_life": 1e4}), {"models.click.options.half_life": "cold start"}),
    "a replay": (click(augment=Augment(replay=Replay(size=9))), {"models.click.augment": "cold start"}),
    "a dropout": (click(augment=Augment(dropout=Dropout(rate=0.5))), {"models.click.augment": "allowed"}),
    "negatives, weighed": (
        click(negatives=Negatives(keep=0.5, correct="weight")),
        {"models.click.negatives": "allowed"},
    ),
    "negatives, corrected": (
        click(negatives=Negatives(keep=0.5, correct="log_odds")),
        {"models.click.negatives": "cold start"},
    ),
    "threshold": (click(threshold=0.25), {"models.click.threshold": "cold start"}),
    "a breaker": (click(breaker=BreakerRules()), {"models.click.breaker": "cold start"}),
    "a filter": (click(anomalies=FILTER), {"models.click.anomalies": "cold start"}),
    "a threshold that means nothing": (price(threshold=0.25), {"models.price.threshold": "allowed"}),
}
METRICS = ("window", "threshold")
BESIDES = ("drift", "augment", "breaker", "anomalies")
each = pytest.mark.parametrize("name", CHANGES)
RESUMED = [name for name, (_, verdicts) in CHANGES.items() if "refused" not in verdicts.values()]
resumable = pytest.mark.parametrize("name", RESUMED)


@functools.cache
def before(smallest_base: int) -> Driver:
    driver = Driver(PLAN, smallest_base)
    for bucket, data in history(1):
        driver.feed(bucket, data)
    driver.checkpoint()
    return driver


def reports(driver: Driver) -> dict[str, dict[str, Any]]:
    """Return the sum of each stage's or model's counts, as its keys tell them at the end."""
    driver.end()
    last = {}
    for output in driver.outputs:
        if output.route == Route.REPORT and (document := msgspec.json.decode(output.payload))["stage"] != "item":
            last[document["stage"], document.get("model", ""), document["key"]] = document
    summed: dict[str, dict[str, Any]] = {}
    for (stage, model, _), document in last.items():
        into = summed.setdefault(model or stage, {"examples": 0, "judged": 0, "read": 0, "duplicates": 0})
        into["judged"] += document.get("progressive", {"fresh": {"examples": 0}})["fresh"]["examples"]
        for count in ("examples", "read", "duplicates"):
            into[count] += document.get(count, 0)
    return summed


@each
def test_a_change_is_told(name: str) -> None:
    plan, verdicts = CHANGES[name]
    changes = compare(PLAN, plan)
    assert {change.key: change.verdict for change in changes} == verdicts
    assert all(change.before != change.after and change.why for change in changes)


@each
@pytest.mark.parametrize("smallest_base", [1, 1 << 20], ids=["base", "journal"])
def test_what_is_told_of_a_change_is_what_becomes_of_the_state(name: str, smallest_base: int) -> None:
    plan, _ = CHANGES[name]
    changes = compare(PLAN, plan)
    resumed = before(smallest_base).resumed(plan)
    if any(change.verdict == "refused" for change in changes):
        with pytest.raises(StateError, match="headrace check --against"):
            resumed.end()
        return
    learned, found = reports(before(smallest_base).resumed(PLAN)), reports(resumed)
    assert learned["user"]["read"] == found["user"]["read"] > 0
    for model in plan.models:
        cold, judged = colds(changes, model.name)
        kept = learned.get(model.name, {"examples": 0, "judged": 0})
        assert found[model.name]["examples"] == (0 if cold else kept["examples"])
        assert found[model.name]["judged"] == (0 if cold or judged else kept["judged"])
        assert cold or kept["examples"] > 0


def colds(changes: list[Change], model: str) -> tuple[bool, bool]:
    """Return whether a model starts cold, and whether its metrics do."""
    key = f"models.{model}"
    cold = [change.key for change in changes if change.verdict == "cold start"]
    metrics, besides = ([f"{key}.{part}" for part in parts] for parts in (METRICS, BESIDES))
    mine = [name for name in cold if (name == key or name.startswith(f"{key}.")) and name not in besides]
    return any(name not in metrics for name in mine), any(name in metrics for name in mine)


@pytest.mark.parametrize("name", [name for name in RESUMED if name != "dedup"])
def test_duplicates_of_events_before_a_change_are_known_unless_dedup_starts_cold(name: str) -> None:
    plan, verdicts = CHANGES[name]
    cold = any(key.startswith("events.") and verdict == "cold start" for key, verdict in verdicts.items())
    again, anew = before(1 << 20).resumed(plan), Driver(plan)
    for bucket, data in history(1, plan=plan):
        again.feed(bucket, data)
        anew.feed(bucket, data)
    counts = [reports(driver)["user"] for driver in (before(1 << 20).resumed(PLAN), again, anew)]
    known = counts[1]["duplicates"] - counts[0]["duplicates"] - counts[2]["duplicates"]
    assert known <= 2 if cold else known >= 5, known


@resumable
def test_what_resumed_goes_on(name: str) -> None:
    plan, _ = CHANGES[name]
    resumed = before(1 << 20).resumed(plan)
    for bucket, data in history(2, plan=plan):
        resumed.feed(bucket, data)
    assert not any(document["failed"] for document in failures(resumed))


def failures(driver: Driver) -> list[dict[str, Any]]:
    driver.end()
    documents = [msgspec.json.decode(o.payload) for o in driver.outputs if o.route == Route.REPORT]
    assert not any("stage_error" in document.get("rejected", {}) for document in documents)
    releases = [msgspec.json.decode(o.payload) for o in driver.outputs if o.route == Route.RELEASE]
    assert {release["model"] for release in releases} == {model.name for model in driver.plan.models}
    assert {release["verdict"]["result"] for release in releases} == {"passed"}
    return [document for document in documents if document["stage"] == "train"]


@pytest.mark.parametrize(
    ("changed", "verdicts"),
    [
        ({"error": 0.05, "max_items": 20}, {"error": "allowed", "max_items": "allowed"}),
        ({"actions": {"ring": Action(do="drop")}}, {"actions": "allowed"}),
        ({"field": "user"}, {"field": "cold start"}),
        ({"partitions": 2}, {"partitions": "cold start"}),
    ],
)
def test_what_is_known_of_items_goes_on_or_starts_anew_and_the_model_goes_on(
    changed: dict[str, Any], verdicts: dict[str, str]
) -> None:
    items = ItemAnomalies(field="item", error=0.1, click_rate=0.3)
    old = click(anomalies=ModelAnomalies(items=items))
    new = click(anomalies=ModelAnomalies(items=replace(items, **changed)))
    key = "models.click.anomalies.items"
    assert {change.key: change.verdict for change in compare(old, new)} == {
        f"{key}.{name}": verdict for name, verdict in verdicts.items()
    }
    driver = Driver(old)
    for bucket, data in history(1, plan=old):
        driver.feed(bucket, data)
    driver.checkpoint()
    resumed = driver.resumed(new)
    resumed.end()
    documents = [msgspec.json.decode(o.payload) for o in resumed.outputs if o.route == Route.REPORT]
    found = next(document for document in documents if (document["stage"], document["key"]) == ("item", 0))
    cold = "cold start" in verdicts.values()
    assert (found["examples"] == 0) == cold == (found["remembered"] == 0)
    assert reports(driver.resumed(new))["click"]["examples"] > 0


NO_ITEMS = tuple(replace(model, anomalies=ModelAnomalies()) for model in JUDGED.models)
JUDGED_LESS = replace(JUDGED, anomalies=Anomalies(), models=NO_ITEMS)
OTHER_RULES = UserAnomalies(impressions=("click",), clicks=("answer",), learn=9, actions={"hasty": Action(do="drop")})
NO_CAPS = replace(JUDGED, anomalies=Anomalies(users=OTHER_RULES))


@pytest.mark.parametrize("smallest_base", [1, 1 << 20], ids=["base", "journal"])
@pytest.mark.parametrize("old", [JUDGED, JUDGED_LESS, NO_CAPS], ids=["on", "off", "other actions"])
@pytest.mark.parametrize("new", [JUDGED, JUDGED_LESS, NO_CAPS], ids=["on", "off", "other actions"])
def test_rules_go_on_and_off_while_impressions_wait(old: Plan, new: Plan, smallest_base: int) -> None:
    assert {change.verdict for change in compare(old, new)} <= {"allowed"}
    driver = Driver(old, smallest_base)
    for bucket, data in history(1, plan=old):
        driver.feed(bucket, data)
    driver.checkpoint()
    resumed = driver.resumed(new)
    before_it = reports(driver.resumed(old))["user"]
    for bucket, data in history(2, plan=new):
        resumed.feed(bucket, data)
    failures(resumed)
    documents = {
        document["key"]: document
        for output in resumed.outputs
        if output.route == Route.REPORT and (document := msgspec.json.decode(output.payload))["stage"] == "user"
    }
    for document in documents.values():
        gone = document["duplicates"] + sum(document["rejected"].values()) + sum(document["anomalous"].values())
        assert document["read"] == document["accepted"] + gone
    assert sum(document["read"] for document in documents.values()) > before_it["read"] > 0


@pytest.mark.parametrize("bounded", [True, False])
def test_a_run_may_end_or_not(bounded: bool) -> None:
    old, new = (replace(PLAN, bounded=b) for b in (bounded, not bounded))
    assert [(change.key, change.verdict) for change in compare(old, new)] == [("--bounded", "allowed")]
    driver = Driver(old)
    for bucket, data in history(1, plan=old):
        driver.feed(bucket, data)
    driver.checkpoint()
    same, other = reports(driver.resumed(old)), reports(driver.resumed(new))
    assert same == other
    assert same["user"]["read"] > 0 < same["click"]["examples"]
