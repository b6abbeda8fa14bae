from __future__ import annotations

from typing import Any

from jobs.monitor.documents import Learning
from jobs.monitor.drift import drift_of


def told(changes: int, estimate: float | None, width: int, *at: int) -> dict[str, Any]:
    log = [{"examples": place, "event_time": place * 7, "rose": True} for place in at]
    one = {
        "changes": changes,
        "rises": changes,
        "decays": 1,
        "skipped": 1,
        "width": width,
        "estimate": estimate,
        "log": log,
    }
    return {"loss": one}


def part(key: int, examples: int, drift: dict[str, Any]) -> Learning:
    return Learning(model="m", key=key, now=0, examples=examples, progressive={}, drift=drift)


def test_one_partition_stays_as_it_is() -> None:
    found = drift_of([part(0, 100, told(2, 0.5, 9, 40, 80))])["loss"]
    assert found.items() < told(2, 0.5, 9, 40, 80)["loss"].items()
    assert "width" not in found


def test_changes_stand_after_the_same_share_of_all_examples() -> None:
    found = drift_of([part(0, 100, told(1, 1.0, 30, 50)), part(1, 300, told(1, 2.0, 10, 30))])["loss"]
    assert (found["changes"], found["rises"], found["skipped"], found["estimate"]) == (2, 2, 2, 1.25)
    assert found["decays"] == 2
    assert [(change["examples"], change["event_time"]) for change in found["log"]] == [(40, 210), (200, 350)]


def test_without_a_mean_there_is_none() -> None:
    assert drift_of([part(0, 10, told(0, None, 0))])["loss"]["estimate"] is None
    assert drift_of([part(0, 10, {})]) == {}
