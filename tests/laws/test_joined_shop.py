"""A shop with every fault: what the job's own operators make of it equals a plain batch join, behaviour included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_example_and_every_reject_is_right() -> None:
    command = [sys.executable, "-m", "benchmarks.quality.joining", "60000"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3_000:]
    found = json.loads(done.stdout)
    assert set(found["differing"].values()) == {0}
    assert set(found["wrong"].values()) == {0}
    assert set(found["drops"].values()) == {0}
    assert found["counts"]["clicked.examples"] > 50_000
    assert found["counts"]["duplicates"] > 500
    assert found["compared"]["behaviour"] > 5_000
    assert found["compared"]["with_items"] > 1_000
    assert found["rejected"]["too_late"] > 100
