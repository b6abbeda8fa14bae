"""The part of the page about guards."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from jobs.monitor.progress import Progress
from jobs.report.build import build_report
from jobs.report.guards import guards
from jobs.report.page import page
from tests.unit.jobs.monitor.sample_run import histories, learning
from tests.unit.jobs.monitor.test_events import TRIP
from udfs.releases import schemas

BREAKER: dict[str, Any] = {"open": True, "pending": 2_000, "held": 0, "discarded": 4_321, "trips": 1, "events": [TRIP]}


def report(**said: Any) -> dict[str, Any]:
    progress = Progress()
    progress.absorb({**document, **said} for document in learning())
    return build_report(progress, histories(), 41.0)


def test_the_report_tells_what_guards_did_and_fits_its_schema() -> None:
    found = report(breaker=BREAKER, anomalies={"price.low": 0, "price.high": 12})
    jsonschema.Draft202012Validator(schemas.load("report")).validate(found)
    assert found["models"]["ctr"]["breaker"] == BREAKER
    assert found["models"]["ctr"]["anomalies"] == {"price.low": 0, "price.high": 12}


def test_the_page_shows_every_event() -> None:
    shown = page(report(breaker=BREAKER, anomalies={"price.high": 1_234}))
    for words in ("Circuit breaker", "4,321", "positives where 26.6 were expected", "price.high", "1,234"):
        assert words in shown


@pytest.mark.parametrize("model", [{}, {"anomalies": {}}])
def test_where_nothing_guards_nothing_is_shown(model: dict[str, Any]) -> None:
    assert guards(model) == ""


def test_counts_of_partitions_add_up() -> None:
    progress = Progress()
    for key in range(2):
        progress.absorb({**document, "anomalies": {"strange": key + 1}} for document in learning(key=key))
    assert build_report(progress, {}, 1.0)["models"]["ctr"]["anomalies"] == {"strange": 3}
