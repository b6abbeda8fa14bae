"""What [user] keeps of partitions: topics have offsets, files do not, and there may be any number of them."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import numpy as np

from tests.laws.strategies_histories import PLAN, history
from udfs.frames import Frame, Kind, decode
from udfs.quality.switch import skipped_frame
from udfs.stages.ends import end_frame
from udfs.stages.stage import Output, Route
from udfs.stages.user import REPORT_EVERY, UserStage, make_user_stage

MOMENTS = itertools.count(REPORT_EVERY, REPORT_EVERY)


def reports() -> list[Output]:
    """Return the last report after a history in which every frame names a file of its own."""
    stage = make_user_stage(PLAN, 0)
    for number, (bucket, data) in enumerate(history(1)):
        frame = decode(data)
        if bucket == 0 and "parts" in frame.meta:
            frame.meta["parts"] = [*frame.meta["parts"][:2], f"/{number}.ndjson"]
            assert all(output.route != Route.REPORT or output.payload for output in stage.process(frame))
    return list(stage.process(decode(end_frame(0, 1, PLAN.epoch))))


def test_files_have_no_offsets() -> None:
    (last,) = [output for output in reports() if output.route == Route.REPORT]
    document = msgspec.json.decode(last.payload)
    assert document["offsets"].keys() == {"a/0", "a/1"}
    assert min(document["offsets"].values()) > 0


def test_the_memo_of_an_event_is_what_counts_and_the_window_take() -> None:
    stage = make_user_stage(PLAN, 0)
    frame = next(decode(data) for bucket, data in history(1) if bucket == 0 and decode(data).kind == Kind.EVENTS)
    memo = stage.memo(frame)
    assert memo.columns.keys() == {"id", "time", "offset", "part", "type"}
    assert not memo.ragged
    assert not list(output for output in stage.process(memo) if output.route != Route.REPORT)
    assert np.array_equal(memo.columns["id"], frame.columns["id"])


def test_what_was_skipped_is_reported_by_reason_once_there_is_any() -> None:
    stage, restored = (make_user_stage(PLAN, 0) for _ in range(2))
    assert "after_switch" not in last_report(stage)
    for now in (1, 2):
        list(stage.process(skipped_frame({"after_switch": 2, "before_switch": now}, now)))
    restored.load(list(stage.dump()))
    for one in (stage, restored):
        document = last_report(one)
        assert (document["after_switch"], document["before_switch"], document["read"]) == (4, 3, 0)


def last_report(stage: UserStage) -> dict[str, Any]:
    outputs = list(stage.process(Frame(Kind.TICK, meta={"now": next(MOMENTS)})))
    (document,) = [msgspec.json.decode(output.payload) for output in outputs]
    return dict(document)
