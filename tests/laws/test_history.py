"""Impressions and feedback of an archive and then topics become the examples that files alone give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_windows_that_are_open_at_the_switch_are_answered_by_the_topics() -> None:
    command = [sys.executable, "-m", "benchmarks.quality.history", "4000"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3_000:]
    found = json.loads(done.stdout)
    assert set(found["differing"].values()) == {0}
    assert min(found["counts"][name] for name in ("clicked.examples", "after_switch", "before_switch")) > 300
