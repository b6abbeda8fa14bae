"""The best possible AUC stands beside that of the models whose label the truth knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.config import load
from jobs.monitor.best import best_auc
from jobs.monitor.progress import Progress
from udfs.errors import ConfigurationError
from udfs.schema import Plan

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def plan() -> Plan:
    return load(ROOT / "examples" / "shop.yaml").plan(1, True)


def truth(folder: Path, **people: float | None) -> Path:
    (folder / "summary.json").write_text(json.dumps({"people": people}))
    return folder


def test_clicks_are_known_and_what_is_not_asked_alike_is_not(tmp_path: Path, plan: Plan) -> None:
    folder = truth(tmp_path, best_auc=0.75, best_purchase_auc=0.7)
    assert best_auc(folder, plan) == {"ctr": 0.75}


def test_a_truth_without_clicks_tells_nothing(tmp_path: Path, plan: Plan) -> None:
    assert best_auc(truth(tmp_path, best_auc=None, best_purchase_auc=None), plan) == {}


@pytest.mark.parametrize("content", [None, "{", "[]", '{"people": 3}', '{"people": {}}'])
def test_a_folder_without_truth_is_refused(tmp_path: Path, plan: Plan, content: str | None) -> None:
    if content is not None:
        (tmp_path / "summary.json").write_text(content)
    with pytest.raises(ConfigurationError, match="is no truth of a simulated shop"):
        best_auc(tmp_path, plan)


def test_it_stands_beside_the_fresh_figures_and_their_curve() -> None:
    document = {
        "stage": "train",
        "epoch": 1,
        "model": "ctr",
        "key": 0,
        "now": 1,
        "examples": 10,
        "failed": 0,
        "refused_keys": 0,
        "progressive": {"fresh": {"examples": 10, "auc": 0.7}, "as_served": {"examples": 5, "auc": 0.6}},
        "curve": {"fresh": [{"examples": 10, "auc": 0.7}], "as_served": []},
    }
    progress = Progress({"ctr": 0.75, "other": 0.8})
    progress.absorb([document])
    model = progress.models["ctr"]
    assert model.progressive["fresh"]["best.auc"] == 0.75
    assert "best.auc" not in model.progressive["as_served"]
    assert [window["best.auc"] for window in model.curve["fresh"]] == [0.75]
