"""What an operator says to a breaker holds, once, across crashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.laws.strategies_histories import GUARDED, command, history
from udfs.frames import Frame, Kind, encode
from udfs.stages.driver import Driver
from udfs.stages.stage import Output, Route
from udfs.stages.train import TrainStage


def events(driver: Driver, model: str) -> list[dict[str, Any]]:
    documents = [msgspec.json.decode(o.payload) for o in driver.outputs if o.route == Route.REPORT]
    return [d for d in documents if d["stage"] == "breaker" and d["model"] == model]


@pytest.mark.parametrize("smallest_base", [1, 1 << 20])
def test_a_command_is_obeyed_once_across_crashes(smallest_base: int) -> None:
    driver, sent = Driver(GUARDED, smallest_base), history(1, plan=GUARDED)
    for i, (bucket, data) in enumerate(sent):
        driver.feed(bucket, data)
        if i % 10 == 5:
            # Each start of a worker hands on every command there is.
            driver.tell(0, command(1, "open"))
            driver.crash()
            driver.tell(0, command(1, "open"))
            driver.checkpoint()
    assert [event["event"] for event in events(driver, "click")] == ["open"]
    driver.tell(0, command(2, "close"))
    driver.crash()
    driver.end()
    assert [event["event"] for event in events(driver, "click")] == ["open", "close"]


def test_nothing_is_released_while_an_operator_keeps_it_open() -> None:
    driver = Driver(GUARDED)
    driver.tell(0, command(1, "open"))
    for bucket, data in history(1, plan=GUARDED):
        driver.feed(bucket, data)
    driver.end()
    releases = [msgspec.json.decode(o.payload) for o in driver.outputs if o.route == Route.RELEASE]
    assert {release["model"] for release in releases} == {model.name for model in GUARDED.models} - {"click"}
    answered = [release["breaker"] for release in releases if release["model"] == "answered"]
    assert answered == [{"open": False, "trips": 0, "discarded": 0}] * len(answered)
    assert {release["breaker"] for release in releases if release["model"] == "price"} == {None}


@pytest.mark.parametrize("smallest_base", [1, 1 << 20])
def test_an_example_that_fails_while_it_waits_is_the_only_one_that_is_lost(
    smallest_base: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = TrainStage._learn_in_order

    def raising(self: TrainStage, frame: Frame) -> Iterator[Output]:
        yield from usual(self, frame)
        if self._model.name == "answered" and (frame.columns["offset"] % 3 == 0).any():
            raise RuntimeError("poison")

    sent, learned = history(2, plan=GUARDED), []
    for poisoned in (False, True):
        if poisoned:
            monkeypatch.setattr(TrainStage, "_learn_in_order", raising)
        driver = Driver(GUARDED, smallest_base)
        for i, (bucket, data) in enumerate(sent):
            driver.feed(bucket, data)
            if i % 6 == 5:
                driver.crash()
        driver.checkpoint()
        letters = [json.loads(o.payload) for o in driver.outputs if o.route == Route.DEAD_LETTER]
        failed = [letter for letter in letters if letter["reason"] == "stage_error"]
        driver.tell(3, encode(Frame(Kind.TICK, meta={"now": 1 << 60})))
        driver.checkpoint()
        reports = [msgspec.json.decode(o.payload) for o in driver.outputs if o.route == Route.REPORT]
        learned.append([report["examples"] for report in reports if report.get("model") == "answered"][-1])
    places = [json.dumps(letter["source"], sort_keys=True) for letter in failed]
    assert len(set(places)) == len(places) > 3
    assert all(letter["message"] == "RuntimeError: poison" for letter in failed)
    assert all(letter["source"].get("offset", letter["source"].get("byte")) % 3 == 0 for letter in failed)
    assert learned[1] == learned[0] - len(failed)
