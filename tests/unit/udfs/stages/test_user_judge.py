"""What becomes of the events of a user who clicks everything, by the action that is asked for."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import pytest

from tests.unit.udfs.quality.anomaly.streams import thinking
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.frames import Frame, Kind, decode
from udfs.releases import schemas
from udfs.schema import (
    Action,
    Anomalies,
    Categorical,
    EventType,
    FeatureSet,
    Feedback,
    Field,
    Join,
    JoinedLabel,
    Label,
    Match,
    Model,
    Plan,
    Timestamp,
    UserAnomalies,
)
from udfs.stages.ends import end_frame
from udfs.stages.stage import Output, Route
from udfs.stages.user import make_user_stage

MINUTE = 60_000_000
START = 1_700_000_000


def plan(action: Action | None, **rules: Any) -> Plan:
    fields = tuple(Field(name=name, type="categorical", path=(name,)) for name in ("user", "id", "shown", "item"))
    stamp = Timestamp(path=("t",), unit="s", earliest=0, latest=1 << 60)

    def event(name: str) -> EventType:
        match = Match(path=("type",), values=(name,))
        return EventType(name=name, match=match, fields=fields, timestamp=stamp, id=("id",), user="user")

    usual: dict[str, Any] = {"impressions": ("impression",), "clicks": ("click",), "ignored": ("beat",), "learn": 2}
    users = UserAnomalies(**usual | rules, error=0.01, actions={"clicker": action} if action else {})
    return Plan(
        events=(event("impression"), event("click"), event("beat")),
        features=FeatureSet(seed=1, features={"item": Categorical(field="item")}),
        models=(Model(name="ctr", learner="ftrl", features=("item",), label=Label(joined="clicked")),),
        join=Join(
            impression="impression",
            feedback=(Feedback(event="click", by="shown", within=10 * MINUTE),),
            labels=(JoinedLabel(name="clicked", feedback={"click": 2.0}, window=10 * MINUTE),),
        ),
        anomalies=Anomalies(users=users),
        buckets=1,
    )


def lines(user: str | None, clicks: bool = True) -> list[bytes]:
    """Return a shopper's impressions at a person's pace, each with its click five seconds later."""
    found = []
    for i, time in enumerate(thinking(3, 60)):
        shown = {"type": "impression", "user": user, "id": f"{user}{i}", "shown": f"m{i}", "item": f"i{i % 7}"}
        found.append({**shown, "t": START + time})
        if clicks:
            found.append({**shown, "type": "click", "id": f"{user}c{i}", "t": START + time + 5})
    return [json.dumps(event).encode() for event in found]


def run(plan: Plan, records: list[bytes]) -> list[Output]:
    ends = np.cumsum([0, *map(len, records)]).astype(np.int64)
    bounds = np.stack((ends[:-1], ends[1:]), axis=1)
    data = np.frombuffer(b"".join(records), np.uint8)
    part, offsets = np.zeros(len(records), np.uint16), np.arange(len(records))
    packed = Packer(Layout.of(plan), lambda _: ()).pack(data, bounds, part, offsets, ("a/0",), ("a",), START * 10**6)
    stage = make_user_stage(plan, 0)
    frames = [decode(data) for data in (*packed, end_frame(0, 1, plan.epoch)) if data]
    return [output for frame in frames for output in stage.process(frame)]


def examples(outputs: list[Output]) -> list[Frame]:
    frames = [decode(output.payload) for output in outputs if output.route == Route.NEXT]
    return [frame for frame in frames if frame.kind == Kind.EXAMPLES]


def weights(outputs: list[Output]) -> list[float]:
    return [weight for frame in examples(outputs) for weight in frame.columns["weight"].tolist()]


def report(outputs: list[Output]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads([output.payload for output in outputs if output.route == Route.REPORT][-1])
    gone = document["duplicates"] + sum(document["rejected"].values()) + sum(document["anomalous"].values())
    assert document["read"] == document["accepted"] + gone
    return document


@pytest.fixture(scope="module")
def flagged() -> int:
    """Return how many of the events of the one who clicks everything are found."""
    return int(report(run(plan(None), lines("u")))["suspected"]["clicker"])


def test_what_no_action_is_given_for_is_counted_and_goes_on(flagged: int) -> None:
    outputs = run(plan(None), lines("u"))
    document = report(outputs)
    assert flagged > 60
    assert document["accepted"] == document["read"] == 120
    assert document["suspected"] == {"clicker": flagged}
    assert weights(outputs) == [2.0] * 60


def test_what_is_dropped_makes_no_example(flagged: int) -> None:
    outputs = run(plan(Action(do="drop")), lines("u"))
    document = report(outputs)
    assert document["anomalous"] == {"clicker": flagged}
    assert document["suspected"] == document["rejected"] == {}
    assert 0 < len(weights(outputs)) <= 61 - flagged // 2
    assert not [output for output in outputs if output.route == Route.DEAD_LETTER]


def test_what_is_quarantined_is_a_dead_letter(flagged: int) -> None:
    outputs = run(plan(Action(do="quarantine")), lines("u"))
    assert report(outputs)["rejected"] == {"bot_clicker": flagged}
    letters = [json.loads(output.payload) for output in outputs if output.route == Route.DEAD_LETTER]
    assert len(letters) == flagged
    valid = jsonschema.Draft202012Validator(schemas.load("dead_letter"))
    for letter in letters:
        valid.validate(letter)
        assert (letter["reason"], letter["step"], letter["encoding"]) == ("bot_clicker", "user", "canonical")
        assert "clicks more than people do" in letter["message"]
        assert json.loads(letter["payload"])["time"] // 10**6 >= START
    assert {letter["event_type"] for letter in letters} == {"impression", "click"}
    assert letters[-1]["source"] == {"topic": "a", "partition": 0, "offset": 119, "index": 0}


def test_a_cap_bounds_the_weight_of_what_comes_of_an_impression(flagged: int) -> None:
    outputs = run(plan(Action(do="cap", weight=0.25)), lines("u"))
    document = report(outputs)
    assert document["accepted"] == 120
    assert document["suspected"] == {"clicker": flagged}
    found = sorted(weights(outputs))
    assert len(found) == 60
    assert set(found) == {0.25, 2.0}
    assert found.count(0.25) in (flagged // 2, flagged // 2 + 1)


def test_who_has_no_name_is_nobody() -> None:
    document = report(run(plan(Action(do="drop")), lines(None)))
    assert document["users"] == {"remembered": 0, "forgotten": 0}
    assert document["accepted"] == 120


def test_people_who_click_nothing_are_left_alone_where_there_is_no_click_to_be_had() -> None:
    shown = lines("u", clicks=False)
    assert report(run(plan(None, click_rate=0.3), shown))["suspected"].keys() == {"clickless"}
    assert report(run(plan(None, click_rate=0.3, clicks=()), shown))["suspected"] == {}


def test_what_a_browser_sends_by_itself_is_not_looked_at() -> None:
    beats = [json.dumps({"type": "beat", "user": "u", "id": f"b{i}", "t": START + 7 * i}).encode() for i in range(200)]
    assert report(run(plan(None), beats))["suspected"] == {}
    assert report(run(plan(None, ignored=()), beats))["suspected"].keys() == {"regular"}
