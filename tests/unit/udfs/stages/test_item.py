"""[item]: the clicks of a ring are kept from the model, and nothing else is changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from msgspec.structs import replace

from tests.laws.strategies_histories import PLAN
from udfs.frames import Frame, Kind, Ragged, decode, encode
from udfs.joining.examples import AGAIN
from udfs.quality.anomaly.item_record import RECORD
from udfs.schema import Action, ItemAnomalies, ModelAnomalies, Plan
from udfs.stages.destinations import TO
from udfs.stages.ends import end_frame
from udfs.stages.item import ItemStage, make_item_stage
from udfs.stages.stage import Output, Route

RING, CROWD = 7, 8
"""Two items: one that the same few click, and one that everybody clicks once."""


def plan(**changed: Any) -> Plan:
    items = ItemAnomalies(field="item", **changed)
    click, price = PLAN.models
    return replace(PLAN, models=(price, replace(click, anomalies=ModelAnomalies(items=items))))


def examples(n: int = 4000) -> Frame:
    """Return impressions of both items, one in 25 of the crowd's clicked, one in 3 of the ring's by one of four."""
    number = np.arange(n)
    ring = number % 2 == 0
    clicked = np.where(ring, number % 6 == 0, number % 50 == 1)
    by_few = (number // 6 % 4 + 1).astype(np.uint64)
    columns: dict[str, Any] = {
        "id": np.stack((number, number), axis=1).astype(np.uint64),
        "time": 1_700_000_000_000_000 + number * 1_000_000,
        "offset": number,
        "part": np.zeros(n, np.uint16),
        "label": clicked.astype(np.float64),
        "weight": np.full(n, 2.0),
        "item": np.where(ring, RING, CROWD).astype(np.uint64),
        "user": np.where(ring & clicked, by_few, number.astype(np.uint64) + np.uint64(1000)),
    }
    ragged = {"sample": Ragged.of_bytes([b""] * n)}
    columns[TO] = np.full(n, 2)
    return Frame(Kind.EXAMPLES, n, {"parts": ["a/0"], "now": 1_700_000_000_000_000}, columns, ragged)


def passed(stage: ItemStage, frame: Frame) -> tuple[Frame, list[Output]]:
    outputs = list(stage.process(frame))
    (data,) = [output for output in outputs if output.route == Route.NEXT]
    assert data.key == 2
    return decode(data.payload), outputs


def report(outputs: Iterable[Output]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads([o.payload for o in outputs if o.route == Route.REPORT][-1])
    return document


def finished(stage: ItemStage) -> dict[str, Any]:
    return report(stage.process(decode(end_frame(0, 1, PLAN.epoch))))


def test_what_is_counted_goes_on_as_it_came() -> None:
    frame, stage = examples(), make_item_stage(plan(), 0)
    went, _ = passed(stage, frame)
    assert list(went.columns) == ["id", "time", "offset", "part", "label", "weight"]
    for name, column in went.columns.items():
        assert column.tobytes() == frame.columns[name].tobytes()
    found = finished(stage)
    assert found["examples"] == frame.n
    assert found["suspected"]["ring"] > 500
    assert found["remembered"] == 2
    assert found["anomalous"] == found["quarantined"] == {}


def test_what_is_dropped_are_clicks_of_the_ring() -> None:
    frame, stage = examples(), make_item_stage(plan(actions={"ring": Action(do="drop")}), 0)
    went, _ = passed(stage, frame)
    gone = np.setdiff1d(frame.columns["offset"], went.columns["offset"])
    assert set(frame.columns["item"][gone].tolist()) == {RING}
    assert set(frame.columns["label"][gone].tolist()) == {1.0}
    assert finished(stage)["anomalous"] == {"ring": len(gone)}
    assert len(gone) > 500


def test_what_is_capped_weighs_less_and_nothing_weighs_more() -> None:
    frame = examples()
    suspected = finished_after(frame, plan())["suspected"]["ring"]
    for cap, low in ((0.5, 0.5), (5.0, 2.0)):
        stage = make_item_stage(plan(actions={"ring": Action(do="cap", weight=cap)}), 0)
        weights = passed(stage, frame)[0].columns["weight"]
        assert len(weights) == frame.n
        assert set(weights.tolist()) == {low, 2.0}
        assert cap > 2 or int((weights == low).sum()) == suspected


def finished_after(frame: Frame, plan: Plan) -> dict[str, Any]:
    stage = make_item_stage(plan, 0)
    list(stage.process(frame))
    return finished(stage)


def test_what_is_quarantined_is_a_dead_letter() -> None:
    frame, stage = examples(), make_item_stage(plan(actions={"ring": Action(do="quarantine")}), 0)
    went, outputs = passed(stage, frame)
    letters = [json.loads(output.payload) for output in outputs if output.route == Route.DEAD_LETTER]
    assert len(letters) == frame.n - went.n == finished(stage)["quarantined"]["ring"] > 500
    assert {(letter["reason"], letter["step"]) for letter in letters} == {("item_ring", "item")}
    assert json.loads(letters[0]["payload"])["label"] == 1.0


def test_examples_go_to_the_keys_that_they_are_for_in_their_order() -> None:
    click, price = PLAN.models
    keyed = replace(price, anomalies=ModelAnomalies(items=ItemAnomalies(field="item")))
    stage, frame = make_item_stage(replace(PLAN, models=(click, keyed)), 0), examples(40)
    frame.columns[TO] = 1 + np.arange(40) % 3 // 2
    sent = {output.key: decode(output.payload) for output in stage.process(frame) if output.route == Route.NEXT}
    assert {key: part.columns["offset"].tolist() for key, part in sent.items()} == {
        1: [row for row in range(40) if row % 3 != 2],
        2: [row for row in range(40) if row % 3 == 2],
    }


def test_an_example_without_an_item_is_fine() -> None:
    frame = examples()
    frame.columns["item"] = np.zeros(frame.n, np.uint64)
    assert finished_after(frame, plan())["remembered"] == 0


def test_an_impression_that_comes_again_was_counted_before() -> None:
    """A late click is the click of an impression that came as a negative; a step back is nothing."""
    once, stage = examples(), make_item_stage(plan(), 0)
    late = once.pick(np.flatnonzero(once.columns["label"] > 0))
    first = Frame(once.kind, once.n, once.meta, {**once.columns, "label": np.zeros(once.n)}, once.ragged)
    again = Frame(late.kind, late.n, late.meta, {**late.columns, "turn": np.full(late.n, AGAIN, np.uint8)}, late.ragged)
    back = Frame(late.kind, late.n, late.meta, {**again.columns, "label": np.zeros(late.n)}, late.ragged)
    other = make_item_stage(plan(), 0)
    for given, frames in ((stage, (first, back, again)), (other, (first, again))):
        for frame in frames:
            list(given.process(frame))
    known, expected = ([bytes(part) for part in one.dump()][1:] for one in (stage, other))
    assert known == expected
    assert np.frombuffer(known[-1], RECORD)["shown"].tolist() == [once.n // 2] * 2


def test_progress_and_the_end_reach_every_key_of_the_model() -> None:
    click, price = PLAN.models
    keyed = replace(price, anomalies=ModelAnomalies(items=ItemAnomalies(field="item", partitions=3)))
    stage = make_item_stage(replace(PLAN, models=(click, keyed)), 2)
    progress = Frame(Kind.PROGRESS, meta={"now": 1, "lane": 0, "low": 5, "quiet": False, "epoch": 1})
    assert [(o.route, o.key) for o in stage.process(decode(encode(progress)))] == [(Route.NEXT, 1), (Route.NEXT, 2)]
    ends = [list(stage.process(decode(end_frame(bucket, 2, PLAN.epoch)))) for bucket in range(2)]
    assert ends[0] == []
    last = [(output.key, decode(output.payload).meta) for output in ends[1] if output.route == Route.NEXT]
    assert last == [(key, {"sender": 2, "senders": 3, "epoch": PLAN.epoch}) for key in (1, 2)]
