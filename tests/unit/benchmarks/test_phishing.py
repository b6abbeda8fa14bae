"""examples/phishing.yaml learns river's Phishing data, which has no time, in one pass."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from river import datasets

from jobs.config import load
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.schema import Format, Plan
from udfs.stages.driver import Driver
from udfs.stages.stage import Route

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "phishing.yaml"
TEXT = gzip.decompress((Path(datasets.__path__[0]) / "phishing.csv.gz").read_bytes()).decode()
NAMES = tuple(TEXT.partition("\n")[0].strip().split(","))
NOW = 1_700_000_000_000_000


def run(plan: Plan, lines: list[bytes]) -> dict[str, float]:
    """Send the lines through all stages, a few to a batch; return the figures of the last report."""
    packer, driver = Packer(Layout.of(plan), lambda _: NAMES), Driver(plan)
    for i in range(0, len(lines), 100):
        batch = lines[i : i + 100]
        ends = np.cumsum([0, *map(len, batch)])
        bounds = np.stack((ends[:-1], ends[1:]), axis=1).astype(np.int64)
        part, offset = np.zeros(len(batch), np.uint16), ends[:-1].astype(np.int64)
        data = np.frombuffer(b"".join(batch), np.uint8)
        for frame in packer.pack(data, bounds, part, offset, ("phishing.csv",), ("",), NOW + i):
            if frame:
                driver.feed(0, frame)
    driver.end()
    releases = [msgspec.json.decode(o.payload) for o in driver.outputs if o.route == Route.RELEASE]
    assert [release["verdict"]["result"] for release in releases] == ["passed"] * 3
    assert releases[-1]["event_time"] == NOW + 1200
    reports = [msgspec.json.decode(o.payload) for o in driver.outputs if o.route == Route.REPORT]
    (train,) = [report for report in reports if report["stage"] == "train" and "curve" in report]
    (user,) = [report for report in reports if report["stage"] == "user"][-1:]
    assert (user["read"], user["accepted"], user["rejected"]) == (1250, 1250, {})
    figures: dict[str, float] = train["progressive"]["fresh"]
    return figures


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_example_reaches_the_published_f1(kind: str) -> None:
    plan = load(EXAMPLE).plan(1, bounded=True)
    lines = [line.encode() for line in TEXT.splitlines()]
    if kind == "json":
        plan = msgspec.structs.replace(plan, format=Format(kind="json"))
        rows = csv.DictReader(io.StringIO(TEXT))
        lines = [json.dumps({k: float(v) for k, v in row.items()}).encode() for row in rows]
    figures = run(plan, lines)
    assert figures["examples"] == 1250
    assert figures["f1"] >= 0.88
