"""Models of one label, side by side in ``report.json``."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from msgspec.structs import replace

from jobs.monitor import Progress
from jobs.report import build_report
from jobs.report.compared import compared, labels_of
from tests.laws.strategies_histories import JOINED
from tests.unit.jobs.monitor.sample_run import START, learning
from udfs.releases import schemas
from udfs.schema import Label


def model(
    *aucs: float | None, examples: int, drift: dict[str, Any] | None = None, best: float | None = None
) -> dict[str, Any]:
    """Return what a report has of a model with windows of ten examples."""
    windows = [{"examples": 10.0 * (i + 1), "auc": auc} for i, auc in enumerate(aucs)]
    return {
        "progressive": {"fresh": {"examples": examples, "best.auc": best}},
        "curve": {"fresh": windows},
        "drift": drift or {},
    }


def told(*changes: tuple[int, bool]) -> dict[str, Any]:
    return {"log": [{"examples": n, "event_time": n * 7, "rose": rose} for n, rose in changes]}


def test_only_models_of_one_label_with_windows_are_compared() -> None:
    models = {
        "live": model(0.7, examples=15),
        "frozen": model(0.6, examples=15),
        "other": model(0.8, examples=15),
        "short": model(examples=5),
        "regression": model(None, examples=15),
    }
    labels = dict.fromkeys(("live", "frozen", "short", "regression"), "clicked") | {"other": "bought"}
    found = compared(models, labels)
    assert list(found) == ["clicked"]
    assert list(found["clicked"]["models"]) == ["live", "frozen"]
    assert compared(models, {}) == compared({}, labels) == {}


def test_all_end_together_and_begin_when_they_know_something() -> None:
    watched = {"loss": told((12, True), (14, False)), "features.price": told((1, True))}
    models = {
        "old": model(0.7, 0.6, 0.65, examples=35, best=0.75),
        "new": model(0.5, 0.5, 0.62, 0.5, examples=45),
        "late": model(0.66, examples=15, drift=watched),
    }
    known = {"old": [{"examples": 31, "event_time": 5}], "elsewhere": [{"examples": 1, "event_time": 1}]}
    assert compared(models, dict.fromkeys(models, "clicked"), known)["clicked"] == {
        "examples": 45,
        "models": {"old": [[20, 0.7], [30, 0.6], [40, 0.65]], "new": [[30, 0.62], [40, 0.5]], "late": [[40, 0.66]]},
        "best_auc": 0.75,
        "changes": [
            {"examples": 31, "event_time": 5, "model": None, "what": "tastes were drawn anew"},
            {"examples": 42, "event_time": 84, "model": "late", "what": "loss rose"},
            {"examples": 44, "event_time": 98, "model": "late", "what": "loss fell"},
        ],
    }


def test_a_label_is_what_is_predicted_of_which_events() -> None:
    assert labels_of(JOINED) == {
        "click": "click is 1",
        "price": "price",
        "answered": "answered",
        "again": "again",
        "soon": "soon",
        "ranked": "soon",
    }
    one, *_ = JOINED.models
    models = (one, replace(one, name="b", events=("click",)), replace(one, name="c", label=Label(joined="soon")))
    assert list(labels_of(replace(JOINED, models=models)).values()) == ["click is 1", "click is 1 of click", "soon"]


def test_a_report_has_them_where_there_are_any_and_keeps_to_its_schema() -> None:
    progress = Progress()
    progress.absorb([*learning("live"), *learning("frozen", seed=4), *learning("ratings", "regression")])
    known = {"live": [{"examples": 12_000, "event_time": START}]}
    labels = {"live": "clicked", "frozen": "clicked", "ratings": "rating"}
    report = build_report(progress, {}, 1.0, None, labels, known)
    Draft202012Validator(schemas.load("report")).validate(report)
    (told,) = report["compared"].values()
    curve = report["models"]["frozen"]["curve"]["fresh"]
    assert told["models"]["frozen"] == [[window["examples"], window["auc"]] for window in curve]
    assert [change["examples"] for change in told["changes"]] == [12_000]
    assert "compared" not in build_report(progress, {}, 1.0)
