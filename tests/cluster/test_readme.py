"""Every command of the README runs as it stands there; only the place of its output and of the program differ."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def commands() -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_make_targets_exist() -> None:
    targets = [command.split()[1] for command in commands() if command.startswith("make ")]
    assert targets[:2] == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.cluster
def test_every_command_runs(tmp_path: Path) -> None:
    headrace = f"{sys.executable} -m jobs.cli"
    printed = ""
    ran = 0
    for command in commands():
        if command.startswith("make "):
            continue
        here = command.replace(".venv/bin/headrace", headrace).replace("out/readme", str(tmp_path))
        done = subprocess.run(["bash", "-c", here], cwd=ROOT, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, f"{command}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
        ran += 1
        if "headrace score" in command:
            printed = done.stdout
    assert ran >= 8
    assert 0.0 < json.loads(printed)["score"] < 1.0
    report = json.loads((tmp_path / "report.json").read_bytes())
    events = report["events"]
    assert events["read"] == events["accepted"] + events["duplicates"] + sum(events["rejected"].values()) > 50_000
    assert report["models"]["ctr"]["stable"] is not None
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")
    learned = json.loads((tmp_path / "learned" / "report.json").read_bytes())
    assert learned["joined"]["clicked.examples"] == learned["models"]["ctr"]["examples"] > 20_000
    assert learned["models"]["cvr"]["examples"] == learned["joined"]["clicked.positives"] > 500
