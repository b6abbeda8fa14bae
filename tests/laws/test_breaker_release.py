"""What a breaker lets go in one piece is learned, but for the examples on which the learner raises."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.laws.strategies_histories import GUARDED, command, history
from udfs.frames import Frame, Kind, encode
from udfs.schema import BreakerRules
from udfs.stages.driver import Driver
from udfs.stages.stage import Output, Route
from udfs.stages.train import TrainStage

_HELD = BreakerRules(hold_back=60, policy="hold", max_held=10_000)
HOLDING = msgspec.structs.replace(
    GUARDED,
    models=tuple(msgspec.structs.replace(model, breaker=_HELD if model.breaker else None) for model in GUARDED.models),
)
"""The guarded shop with breakers that keep much."""


def poison(monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    """Let [train] raise half-way where it learns an example whose offset is a multiple of ``every``."""
    usual = TrainStage._learn_in_order

    def raising(self: TrainStage, frame: Frame) -> Iterator[Output]:
        yield from usual(self, frame)
        if self._model.name == "click" and (frame.columns["offset"] % every == 0).any():
            raise RuntimeError("poison")

    monkeypatch.setattr(TrainStage, "_learn_in_order", raising)


def run(smallest_base: int, crashes: bool, released_by: str) -> Driver:
    """Hold what comes, then let all of it go at once, by a command or at the end of the input."""
    driver = Driver(HOLDING, smallest_base)
    for i, (bucket, data) in enumerate(history(2, plan=HOLDING)):
        if i == 3 and released_by == "command":
            driver.tell(0, command(1, "open"))
        driver.feed(bucket, data)
        if crashes and i % 6 == 5:
            driver.crash()
        if i % 10 == 5:
            driver.checkpoint()
    if released_by == "command":
        driver.tell(0, command(2, "accept"))
        if crashes:
            driver.crash()
    driver.end()
    return driver


def documents(driver: Driver, route: Route) -> list[dict[str, Any]]:
    return [json.loads(output.payload) for output in driver.outputs if output.route == route]


def last_report(driver: Driver) -> dict[str, Any]:
    reports = documents(driver, Route.REPORT)
    found: dict[str, Any] = [r for r in reports if r["stage"] == "train" and r["model"] == "click" and r["key"] == 0][
        -1
    ]
    return found


def failed(driver: Driver) -> list[dict[str, Any]]:
    return [letter for letter in documents(driver, Route.DEAD_LETTER) if letter["reason"] == "stage_error"]


def come(report: dict[str, Any]) -> int:
    """Return how many examples came, by what became of them."""
    counts = [report["examples"], report["failed"], *report["anomalies"].values()]
    return int(sum(counts) + sum(report["breaker"][name] for name in ("discarded", "held", "pending")))


@pytest.mark.parametrize("released_by", ["command", "end"])
def test_only_the_examples_that_fail_are_lost_when_many_are_let_go(
    released_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = last_report(run(1 << 20, False, released_by))
    poison(monkeypatch, 5)
    plain, crashed = run(1 << 20, False, released_by), run(1, True, released_by)
    letters = failed(plain)
    assert len(letters) > 3
    assert {letter["message"] for letter in letters} == {"RuntimeError: poison"}
    assert all(letter["source"].get("offset", letter["source"].get("byte")) % 5 == 0 for letter in letters)
    assert all(letter["ingest_time"] > 0 for letter in letters)
    assert max(Counter(json.dumps(letter["source"], sort_keys=True) for letter in letters).values()) == 1
    report = last_report(plain)
    assert report["failed"] == len(letters)
    assert report["examples"] > len(letters)
    assert come(report) == come(whole)
    assert crashed.dumps() == plain.dumps()
    assert sorted(crashed.outputs) == sorted(plain.outputs)


def test_what_a_breaker_that_was_turned_off_left_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(HOLDING)
    sent = history(2, plan=HOLDING)
    for bucket, data in sent[: len(sent) // 2]:
        driver.feed(bucket, data)
    driver.checkpoint()
    off = msgspec.structs.replace(model := HOLDING.models[0], breaker=None, anomalies=type(model.anomalies)())
    plan = msgspec.structs.replace(HOLDING, models=(off, *HOLDING.models[1:]))
    poison(monkeypatch, 5)
    goes_on = driver.resumed(plan)
    for bucket, data in sent[len(sent) // 2 :]:
        goes_on.feed(bucket, data)
    goes_on.end()
    letters = failed(goes_on)
    assert len(letters) > 3
    assert all(letter["source"].get("offset", letter["source"].get("byte")) % 5 == 0 for letter in letters)
    assert last_report(goes_on)["failed"] == len(letters)


def test_a_tick_that_fails_by_itself_is_no_examples_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(*_: Any) -> Iterator[Output]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(TrainStage, "_clocks", raising)
    with pytest.raises(RuntimeError, match="a bug"):
        Driver(HOLDING).tell(0, encode(Frame(Kind.TICK, meta={"now": 1})))
