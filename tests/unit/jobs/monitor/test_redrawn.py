"""When tastes were drawn anew, counted in examples of the models that the truth knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from jobs.config import load
from jobs.monitor.redrawn import redrawn
from simulator.drift import Drift
from tests.unit.simulator.runs import SHOP, write
from udfs.errors import ConfigurationError
from udfs.schema import Plan

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"


@pytest.fixture
def plan() -> Plan:
    """Return the example's plan, with a model of purchases given a click, and one that the truth does not know."""
    plan = load(EXAMPLES / "shop.yaml").plan(1, True)
    assert plan.join is not None
    clicked, bought = plan.join.labels
    labels = (clicked, msgspec.structs.replace(bought, name="paid", feedback={"purchase": 1.0}), bought)
    models = (plan.models[0], plan.models[1], msgspec.structs.replace(plan.models[1], name="paid"))
    paid = msgspec.structs.replace(models[2].label, joined="paid")
    models = (*models[:2], msgspec.structs.replace(models[2], label=paid))
    return msgspec.structs.replace(plan, join=msgspec.structs.replace(plan.join, labels=labels), models=models)


def test_what_people_were_shown_before_each_change_is_counted(tmp_path: Path, plan: Plan) -> None:
    written = write(tmp_path, replace(SHOP, drift=Drift(sudden=(0.5, 1.5))))
    found = redrawn(tmp_path / "truth", plan)
    assert set(found) == {"ctr", "paid"}
    shown, click = written.truth["time"], written.truth["click_time"]
    assert (written.truth["bot"] == 0).all()
    for place, time in enumerate(written.summary["sudden"]):
        before = shown < time
        assert found["ctr"][place] == {"examples": before.sum(), "event_time": time * 1_000}
        assert found["paid"][place]["examples"] == (before & (click >= 0)).sum()
    assert 0 < found["ctr"][0]["examples"] < found["ctr"][1]["examples"] < len(shown)


def test_bots_are_not_counted(tmp_path: Path, plan: Plan) -> None:
    (tmp_path / "summary.json").write_text('{"sudden": [5]}')
    for name, column in {"time": [1, 2, 3, 9], "bot": [0, 4, 0, 0], "click_time": [-1, 3, -1, -1]}.items():
        np.save(tmp_path / f"{name}.npy", np.array(column))
    assert [change["examples"] for change in redrawn(tmp_path, plan)["ctr"]] == [2]


def test_a_shop_without_changes_has_none(tmp_path: Path, plan: Plan) -> None:
    (tmp_path / "summary.json").write_text('{"sudden": []}')
    assert redrawn(tmp_path, plan) == {}


@pytest.mark.parametrize("content", [None, "{", "[]", '{"sudden": [1]}'])
def test_a_folder_without_truth_is_refused(tmp_path: Path, plan: Plan, content: str | None) -> None:
    if content is not None:
        (tmp_path / "summary.json").write_text(content)
    with pytest.raises(ConfigurationError, match="is no truth of a simulated shop"):
        redrawn(tmp_path, plan)
