"""When the weights of a guarded model leave, and what its report and its releases tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from benchmarks.quality.traffic import Traffic
from tests.laws.strategies_histories import command
from tests.unit.udfs.stages.shop_examples import frame_of, plan_of
from udfs.frames import Frame, Kind, decode
from udfs.schema import BreakerRules, Learns, ModelAnomalies, NumberRules
from udfs.stages.chunks import join
from udfs.stages.ends import end_frame
from udfs.stages.stage import Output, Route
from udfs.stages.train import TrainStage, make_train_stage

SECOND = 1_000_000
CHUNKS = list(Traffic().chunks(5_000, size=1_000))


def stage_of(**model: Any) -> TrainStage:
    return make_train_stage(plan_of(**model), 0)


def weights(outputs: Sequence[Output]) -> list[dict[str, Any]]:
    """Return the headers of the weights among some outputs."""
    frames = [decode(output.payload) for output in outputs if output.route == Route.NEXT]
    return [
        msgspec.json.decode(join([frame.columns["data"].tobytes()], frame.meta["lengths"])[0])["meta"]
        for frame in frames
        if frame.kind == Kind.WEIGHTS
    ]


def last_report(outputs: Sequence[Output]) -> dict[str, Any]:
    documents = [msgspec.json.decode(output.payload) for output in outputs if output.route == Route.REPORT]
    return next(dict(document) for document in reversed(documents) if document["stage"] == "train")


def test_no_weights_leave_by_seconds_while_the_breaker_is_open() -> None:
    stage = stage_of(bounded=False, snapshot_seconds=1.0, breaker=BreakerRules(hold_back=0))
    left = []
    for i, chunk in enumerate(CHUNKS):
        outputs = list(stage.process(frame_of(chunk, 1_000 * i, now=(i + 1) * 2 * SECOND)))
        left.append(len(weights(outputs)))
        if i in (1, 3):
            list(stage.process(decode(command(i, "open" if i == 1 else "close"))))
    assert left == [0, 1, 0, 0, 1]


def test_a_release_tells_what_the_breaker_did() -> None:
    stage = stage_of(snapshot_examples=1_000, breaker=BreakerRules(hold_back=0))
    list(stage.process(frame_of(CHUNKS[0])))
    list(stage.process(decode(command(1, "open"))))
    list(stage.process(frame_of(CHUNKS[1])))
    list(stage.process(decode(command(2, "close"))))
    (sent,) = weights(list(stage.process(frame_of(CHUNKS[2]))))
    assert sent["breaker"] == {"open": False, "trips": 0, "discarded": 1_000}
    assert sent["examples"] == 2_000


def test_a_model_is_released_only_after_it_learned() -> None:
    times = [frame_of(chunk).columns["time"] for chunk in CHUNKS]
    window = Learns(since=int(times[1].min()), until=int(times[2].max()) + 1)
    stage = stage_of(snapshot_examples=1_000, breaker=None, learns=window)
    left = [weights(list(stage.process(frame_of(chunk, 1_000 * i)))) for i, chunk in enumerate(CHUNKS)]
    assert [sent[0]["examples"] if sent else None for sent in left[1:3]] == [2_000, 3_000]
    assert [len(sent) for sent in left[3:]] == [int(times[3].min() < window.until), 0]
    outputs = list(stage.process(decode(end_frame(0, 1, 1))))
    assert not weights(outputs)
    report = last_report(outputs)
    inside = sum(int(((at >= window.since) & (at < window.until)).sum()) for at in times)
    assert report["not_learned"] == 5_000 - inside
    assert report["progressive"]["fresh"]["examples"] == report["examples"] == 5_000


def test_the_report_tells_of_guards_and_only_where_there_are_some() -> None:
    rules = ModelAnomalies(numbers=(NumberRules(field="price", action="drop"),))
    stage = stage_of(breaker=BreakerRules(hold_back=100), anomalies=rules)
    report = last_report(list(stage.process(frame_of(CHUNKS[0], now=5 * SECOND))))
    assert report["anomalies"] == {"price.low": 0, "price.high": 0}
    list(stage.process(frame_of(CHUNKS[1], now=5 * SECOND)))
    report = last_report(list(stage.process(Frame(Kind.TICK, meta={"now": 9 * SECOND}))))
    assert report["breaker"]["pending"] == 100
    assert report["examples"] == 1_900
    bare = stage_of(breaker=None)
    report = last_report(list(bare.process(frame_of(CHUNKS[0], now=5 * SECOND))))
    assert not {"breaker", "anomalies"} & set(report)


def test_journals_hold_ids_only_where_examples_are_quarantined() -> None:
    quarantine = ModelAnomalies(numbers=(NumberRules(field="price"),))
    frame = frame_of(CHUNKS[0])
    assert "id" in stage_of(anomalies=quarantine).memo(frame).columns
    assert "id" not in stage_of().memo(frame).columns
