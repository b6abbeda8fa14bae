"""What surrounds a learner, through the whole pipeline: what is told in reports and manifests."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.laws.strategies_histories import JOINED, history
from udfs.stages.driver import Driver
from udfs.stages.stage import Route


@pytest.fixture(scope="module")
def told() -> dict[str, list[dict[str, Any]]]:
    """Return the documents of a short run, by route."""
    driver = Driver(JOINED)
    for bucket, data in history(3, plan=JOINED):
        driver.feed(bucket, data)
    driver.end()
    found: dict[str, list[dict[str, Any]]] = {"report": [], "release": []}
    for output in driver.outputs:
        if output.route in (Route.REPORT, Route.RELEASE):
            found[output.route.name.lower()].append(msgspec.json.decode(output.payload))
    return found


def of_click(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in documents if each.get("model") == "click" and each.get("stage", "train") == "train"]


def test_reports_tell_what_was_watched(told: dict[str, list[dict[str, Any]]]) -> None:
    last = of_click(told["report"])[-1]
    assert set(last["drift"]) == {"residual", "features.price"}
    assert last["drift"]["residual"]["decays"] >= 1
    watched = {document["model"] for document in told["report"] if document.get("drift")}
    assert watched == {"click"}


def test_manifests_tell_the_changes_since_their_parents(told: dict[str, list[dict[str, Any]]]) -> None:
    releases = of_click(told["release"])
    assert len(releases) >= 2
    assert all(each["verdict"]["result"] == "passed" for each in releases)
    last = of_click(told["report"])[-1]["drift"]
    for stream in ("residual", "features.price"):
        assert sum(each["drift"][stream]["changes"] for each in releases) == last[stream]["changes"]
    assert last["residual"]["changes"] >= 1
    assert not any(each["drift"] for each in told["release"] if each["model"] != "click")


def test_negatives_that_are_not_learned_are_counted_and_judged(told: dict[str, list[dict[str, Any]]]) -> None:
    last = [each for each in told["report"] if each.get("model") == "answered" and each["stage"] == "train"][-1]
    # Impressions that come once more are learned and not judged; nothing else is left out.
    assert 20 < last["progressive"]["fresh"]["examples"] <= last["examples"]
