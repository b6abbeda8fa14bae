"""Real click logs, as their publishers wrote them: every event counts once, and only what is broken is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.class_data import with_class_data
from tests.cluster.job import MAIN, ROOT
from tests.cluster.verdict import documents

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]


def run(example: str, given: Path, out: Path) -> dict[str, Any]:
    tree = yaml.safe_load((ROOT / "examples" / example).read_text())
    tree["checkpointing"] = {"interval": "500ms"}  # a bounded run waits for one at its end
    config = out.with_name(example)
    config.write_text(yaml.safe_dump(tree, sort_keys=False))
    command = [sys.executable, "-c", MAIN, "run", "--config", str(config), "--bounded"]
    command += ["--parallelism", "1", "--input", str(given), "--out", str(out)]
    environment = with_class_data(dict(os.environ))
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2_000:]
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    return report


def test_open_bandit(shared_data: Path, tmp_path: Path) -> None:
    report = run("open_bandit.yaml", shared_data / "open_bandit", tmp_path / "out")
    assert report["events"] == {"read": 40_000, "accepted": 40_000, "duplicates": 0, "rejected": {}}


def test_taobao(shared_data: Path, tmp_path: Path) -> None:
    report = run("taobao.yaml", shared_data / "taobao_userbehavior", tmp_path / "out")
    assert report["events"]["accepted"] == 96_168
    assert report["events"]["rejected"] == {"bad_timestamp": 1}
    (letter,) = documents(tmp_path / "out" / "dead_letters")
    assert letter["reason"] == "bad_timestamp"
