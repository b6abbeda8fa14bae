"""``examples/drift.yaml`` stops and begins models where the shop that its page simulates changes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from jobs.cli.app import exit_code_of
from jobs.config import load

ROOT = Path(__file__).resolve().parents[4]


def test_its_moments_are_those_of_the_change_that_its_command_makes(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "drift.md").read_text("utf-8")
    simulate, run = re.findall(r"^headrace (.*)$", page, re.MULTILINE)
    assert shlex.split(run)[:3] == ["run", "--config", "examples/drift.yaml"]
    arguments = shlex.split(simulate.replace("out/drift", str(tmp_path / "shop")))
    arguments[arguments.index("--events") + 1] = "1000"
    assert exit_code_of(arguments) == 0
    (change,) = json.loads((tmp_path / "shop-truth" / "summary.json").read_bytes())["sudden"]
    live, frozen, fresh = load(ROOT / "examples" / "drift.yaml").plan(1, True).models
    assert live.learns is None
    assert frozen.learns is not None
    assert fresh.learns is not None
    assert (frozen.learns.since, frozen.learns.until) == (None, change * 1_000)
    assert (fresh.learns.since, fresh.learns.until) == (change * 1_000, None)
    assert live.features == frozen.features == fresh.features
