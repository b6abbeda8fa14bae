"""Real click logs, as their publishers wrote them: every event counts once, and only what is broken is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.job import MAIN, ROOT
from tests.cluster.verdict import documents

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]


def run(example: str, given: Path, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", MAIN, "run", "--config", str(ROOT / "examples" / example), "--bounded"]
    command += ["--input", str(given), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
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
