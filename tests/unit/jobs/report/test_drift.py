from __future__ import annotations

from xml.etree import ElementTree

from jobs.monitor import Progress
from jobs.report import build_report
from jobs.report.drift import drift_part, marks_of
from jobs.report.page import page
from tests.unit.jobs.monitor.sample_run import START, histories, learning
from udfs.releases import schemas

LOG = [
    {"examples": 16_000, "event_time": START, "rose": True},
    {"examples": 20_000, "event_time": START, "rose": False},
]
DRIFT = {"loss": {"changes": 2, "rises": 1, "decays": 0, "skipped": 3, "width": 5, "estimate": 0.25, "log": LOG}}


def test_changes_are_told_and_marked_on_every_curve() -> None:
    from jsonschema import Draft202012Validator

    progress = Progress()
    progress.absorb([{**document, "drift": DRIFT} for document in learning()])
    report = build_report(progress, histories(), 1.0)
    Draft202012Validator(schemas.load("report")).validate(report)
    root = ElementTree.fromstring(page(report).removeprefix("<!DOCTYPE html>\n"))
    marks = {
        svg.attrib["aria-label"]: [path for path in svg.iter("path") if path.get("class") == "mark"]
        for svg in root.iter("svg")
    }
    marked = {name for name, paths in marks.items() if paths}
    assert marked == {"Log loss", "Normalised entropy", "AUC", "Calibration"}
    assert {len(marks[name]) for name in marked} == {2}
    titles = ["".join(path.itertext()) for path in marks["AUC"]]
    assert titles == ["loss rose, 2023-11-14 22:13:20", "loss fell, 2023-11-14 22:13:20"]
    assert {"loss", "0.2500"} <= {"".join(cell.itertext()) for cell in root.iter("td")}


def test_without_detectors_there_is_nothing() -> None:
    assert drift_part({}) == ""
    assert marks_of({}) == []
