"""What the job's own [read] and [user] find of the simulated shop's bots; a small shop with every fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.shop_bots import Verdicts, figures
from simulator.bots import KINDS
from udfs.quality.anomaly.user_options import UserReason

ROOT = Path(__file__).resolve().parents[3]


def test_bots_are_found_and_people_left_alone() -> None:
    sizes = ["--events", "60000", "--people", "600", "--items", "500"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quality.shop_bots", *sizes],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    found = json.loads(done.stdout)
    for kind in KINDS:
        assert found["flagged"][kind] >= 0.9, kind
    assert found["flagged"]["people"] <= 0.001
    assert found["flagged"]["heaviest"] <= 0.001
    assert found["judged"] > 50_000


def test_figures_are_shares_of_events_after_the_first_twenty() -> None:
    users = np.repeat(np.array([1, 2], np.uint64), [30, 25])
    reasons = np.zeros(55, np.uint8)
    reasons[[5, 25, 26]] = UserReason.PACE
    told = figures(Verdicts(users, reasons), {1: 1 + KINDS.index("scraper")})
    assert told["flagged"]["scraper"] == pytest.approx(0.2)
    assert told["flagged"]["people"] == told["flagged"]["heaviest"] == 0.0
    assert told["by_rule"]["scraper"] == {"pace": 2}
    assert np.isnan(told["flagged"]["ring"])
    assert (told["events"], told["judged"]) == (55, 15)
