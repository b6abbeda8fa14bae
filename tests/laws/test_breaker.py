"""What an operator says to a breaker holds, once, across crashes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.laws.strategies_histories import GUARDED, command, history
from udfs.stages.driver import Driver
from udfs.stages.stage import Route


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
    assert {release["model"] for release in releases} == {"price", "answered", "again"}
    answered = [release["breaker"] for release in releases if release["model"] == "answered"]
    assert answered == [{"open": False, "trips": 0, "discarded": 0}] * len(answered)
    assert {release["breaker"] for release in releases if release["model"] == "price"} == {None}
