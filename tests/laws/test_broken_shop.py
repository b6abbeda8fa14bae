"""A shop whose clicks die, through the job's own stages: little of it is learned, nothing released, and it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(1_000)
ROOT = Path(__file__).resolve().parents[2]
CLICK_RATE = 0.04
Shops = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shops() -> Shops:
    command = [sys.executable, "-m", "benchmarks.quality.outages", "--impressions", "120000", "--calm", "0", "--json"]
    command += ["--only", "all clicks", "clicks of 1 in 4"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3_000:]
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    return {document["shop"]: document for document in documents}


def test_a_clean_shop_does_not_trip(shops: Shops) -> None:
    assert shops["clean"]["trips"] == []
    assert shops["clean"]["arrived"] > 110_000
    assert shops["clean"]["releases"] >= 20


@pytest.mark.parametrize(
    ("name", "noticed", "false"),
    [("all clicks", 4_000, 2_000 * CLICK_RATE), ("clicks of 1 in 4", 20_000, 20_000 * CLICK_RATE / 4)],
)
def test_what_dead_clicks_spoil_is_bounded(name: str, noticed: int, false: float, shops: Shops) -> None:
    """What the breaker sees depends on the names of the files, which lanes and turns come from: each run has others."""
    found = shops[name]
    assert found["shown"] > 10_000
    assert 0 < found["opened"] <= noticed
    assert found["learned"] <= found["opened"]
    assert found["false"] <= false
    assert 0 < found["closed"] < 20_000
    assert "positive_rate" in found["trips"][0]


@pytest.mark.parametrize("name", ["all clicks", "clicks of 1 in 4"])
def test_no_version_leaves_while_it_is_open(name: str, shops: Shops) -> None:
    assert shops[name]["while_open"] == 0
    assert 0 < shops[name]["releases"] < shops["clean"]["releases"]
