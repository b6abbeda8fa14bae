"""Live, frozen and fresh models of a shop whose tastes change, as ``examples/drift.yaml`` has them, side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from simulator.drift import Drift
from simulator.files import to_files
from simulator.reference import PRESETS, none
from tests.cluster.job import ROOT, Job, free_port

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
CHANGE = 0.6
"""Days after which all tastes are drawn anew."""


def configuration(folder: Path, start_ms: int) -> tuple[Path, int]:
    """Write the example with the change where the small shop has it; return that time too, microseconds."""
    change = start_ms + round(CHANGE * 86_400_000)
    moment = datetime.fromtimestamp(change / 1000, UTC).isoformat()
    tree = yaml.safe_load((ROOT / "examples" / "drift.yaml").read_text())
    for name, bound in {"frozen": "until", "fresh": "from"}.items():
        tree["models"][name]["learns"] = {bound: moment}
    for model in tree["models"].values():
        model |= {"snapshot": {"examples": 2_500}, "window": 1_000}
    tree["checkpointing"] = {"interval": "400ms"}
    tree["runtime"] |= {"parallelism": 1, "restart_delay": "100ms", "read_size": "32KiB", "tick": "200ms"}
    tree["flink"] = {"rest.bind-port": str(free_port())}
    path = folder / "drift.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False))
    return path, change * 1_000


def releases(model: dict[str, Any]) -> list[tuple[str, int]]:
    return [(release["sha256"], release["event_time"]) for release in model["releases"]]


def test_a_frozen_model_learns_nothing_more_and_the_report_compares_it(tmp_path: Path) -> None:
    shop = replace(none(replace(PRESETS["small"], impressions=20_000, days=1.0)), drift=Drift(sudden=(CHANGE,)))
    truth, out = tmp_path / "truth", tmp_path / "out"
    start = to_files(shop, tmp_path / "events", truth)["sudden"][0] - round(CHANGE * 86_400_000)
    config, change = configuration(tmp_path, start)
    with Job(config, out, tmp_path / "events", "--bounded", "--truth", str(truth)) as job:
        job.succeed()
    report = json.loads((out / "report.json").read_text())
    live, frozen, fresh = (report["models"][name] for name in ("live", "frozen", "fresh"))
    shown = np.load(truth / "time.npy") * 1_000
    before = int((shown < change).sum())
    assert 0 < before < len(shown)
    examples = len(shown)
    assert {model["examples"] for model in (live, frozen, fresh)} == {examples}
    assert {model["progressive"]["fresh"]["examples"] for model in (live, frozen, fresh)} == {examples}
    assert "not_learned" not in live
    assert (frozen["not_learned"], fresh["not_learned"]) == (examples - before, before)
    # Buckets are not at the same event time, so the last release of what it learned may already have seen the change.
    assert len(releases(live)) > len(releases(frozen)) > 0
    assert all(sha not in dict(releases(frozen)[:place]) for place, (sha, _) in enumerate(releases(frozen)))
    assert all(time >= change for _, time in releases(fresh))
    assert len(releases(fresh)) >= 1
    side = report["compared"]["clicked"]
    assert list(side["models"]) == ["live", "frozen", "fresh"]
    assert side["best_auc"] == pytest.approx(live["progressive"]["best.auc"])
    assert side["changes"][0] == {
        "examples": before,
        "event_time": change,
        "model": None,
        "what": "tastes were drawn anew",
    }
    html = (out / "report.html").read_text()
    assert "Models side by side" in html
    assert all(f'class="line series{n}"' in html for n in (1, 2, 3))
    assert 'class="mark known"' in html
