"""A model with features of items on its real way from events to a release, which is compared with it on real rows."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import numpy as np
import pytest

from udfs.behaviour.items import ItemBehaviour
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.frames import Ragged
from udfs.quality.clocks import Clocks
from udfs.schema import (
    Categorical,
    EventType,
    Feature,
    FeatureSet,
    Feedback,
    Field,
    Items,
    Join,
    JoinedLabel,
    Label,
    Match,
    Model,
    Plan,
    Rate,
    Since,
    TimeRules,
    Timestamp,
)
from udfs.stages.driver import Driver
from udfs.stages.stage import Route

UNIT = 1_000_000
BEGIN = 1_700_000_000 * UNIT
FEATURES: dict[str, Feature] = {
    "device": Categorical(field="device"),
    "user_rate": Rate(events=("click",), per=("view",), half_life=600 * UNIT),
    "item_rate": Rate(of="item", events=("click",), per=("view",), half_life=600 * UNIT, strength=5.0),
    "since_item": Since(of="item", events=("click",), log=True),
}
IMPRESSIONS = 2500


def plan() -> Plan:
    fields = tuple(
        Field(name=name, type="categorical", path=(name,)) for name in ("id", "user", "item", "device", "of")
    )
    when = Timestamp(path=("t",), unit="us", earliest=0, latest=1 << 60)
    return Plan(
        events=tuple(
            EventType(
                name=name,
                match=Match(path=("type",), values=(name,)),
                fields=fields,
                timestamp=when,
                id=("id",),
                user="user",
            )
            for name in ("view", "click")
        ),
        features=FeatureSet(seed=1, features=FEATURES),
        models=(
            Model(
                name="m", learner="ftrl", options={"bits": 8}, features=tuple(FEATURES), label=Label(joined="clicked")
            ),
        ),
        join=Join(
            impression="view",
            feedback=(Feedback(event="click", by="of", within=60 * UNIT),),
            labels=(JoinedLabel(name="clicked", feedback={"click": 1.0}, window=60 * UNIT),),
            items=Items(partitions=2),
        ),
        time=TimeRules(lateness=5 * UNIT),
        buckets=1,
    )


def lines() -> list[bytes]:
    """Return views, a second apart, of items of which some are clicked half a second later more often than others."""
    draw, out = random.Random(1), []
    for number in range(IMPRESSIONS):
        item, time = draw.randrange(12), BEGIN + number * UNIT
        shown = {"type": "view", "user": f"u{draw.randrange(40)}", "item": f"i{item}", "device": draw.choice("ab")}
        out.append(shown | {"id": f"v{number}", "of": f"m{number}", "t": time})
        if draw.random() < item / 20:
            out.append(out[-1] | {"id": f"c{number}", "type": "click", "t": time + UNIT // 2})
    return [json.dumps(event).encode() for event in out]


def run() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the last release and the last report of each stage."""
    described = plan()
    driver, packer, clocks = Driver(described), Packer(Layout.of(described), lambda _: ()), Clocks(described, {}, 0)
    left, now = lines(), BEGIN
    while left:
        some, left = left[:200], left[200:]
        ends = np.cumsum([0, *map(len, some)]).astype(np.int64)
        bounds, data = np.stack((ends[:-1], ends[1:]), axis=1), np.frombuffer(b"".join(some), np.uint8)
        given = np.zeros(len(some), np.uint16), np.arange(len(some)), ("a/0",), ("a",), now
        stamp = {"lane": 0, "low": clocks.low, "quiet": False, "epoch": described.epoch}
        for frame in packer.pack(data, bounds, *given, clocks, stamp):
            if frame is not None:
                driver.feed(0, frame)
        clocks.pass_time(("a/0",))
        now += 2 * UNIT
    driver.end()
    documents = [msgspec.json.decode(out.payload) for out in driver.outputs if out.route == Route.REPORT]
    (*_, release) = (msgspec.json.decode(out.payload) for out in driver.outputs if out.route == Route.RELEASE)
    return release, {f"{document['stage']} {document['key']}": document for document in documents}


def test_a_release_takes_them_as_inputs_and_scores_as_its_learner() -> None:
    release, reports = run()
    assert release["verdict"] == {"result": "passed", "reason": ""}
    assert {"user_rate", "item_rate", "since_item"} <= {tensor["name"] for tensor in release["inputs"]}
    assert release["features"]["features"]["item_rate"]["of"] == "item"
    items = [reports[f"item {key}"] for key in (0, 1)]
    assert sum(document["examples"] for document in items) == IMPRESSIONS == reports["train 0"]["examples"]
    assert sum(document["behaviour"]["items"] for document in items) == 12
    assert {document["behaviour"]["examples_given_up"] for document in items} == {0}
    assert reports["train 0"]["progressive"]["fresh"]["auc"] > 0.6


def test_a_release_is_refused_whose_rows_lack_what_its_learner_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    def untouched(self: ItemBehaviour, samples: Ragged, numbers: Any) -> Ragged:
        return samples

    monkeypatch.setattr(ItemBehaviour, "_sampled", untouched)
    assert run()[0]["verdict"]["result"] == "refused"
