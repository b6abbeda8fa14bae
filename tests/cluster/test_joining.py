"""Impressions that wait for feedback survive whatever happens to the job: its examples equal a plain batch join's."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.quality.plain_join import Plain, batch
from simulator.files import to_files
from simulator.reference import PRESETS, some
from tests.cluster.fault import Fault, Faults
from tests.cluster.job import ROOT, Job, free_port, until
from tests.cluster.verdict import documents, newest_reports, read_events

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Shop:
    """Raw behaviour as files, and how many lines that is."""

    folder: Path
    lines: int


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    simulation = some(replace(PRESETS["small"], impressions=40_000, days=1.0))
    truth = to_files(simulation, folder / "events", folder / "truth", part_impressions=10_000)
    return Shop(folder / "events", truth["lines"])


def configuration(folder: Path) -> Path:
    tree = yaml.safe_load((ROOT / "examples" / "shop.yaml").read_text())
    del tree["anomalies"]  # it judges in order of arrival, which a plain join knows nothing of
    tree["models"]["ctr"]["snapshot"] = {"examples": 9_000}
    tree["checkpointing"] = {"interval": "400ms"}
    tree["runtime"] = {"parallelism": 2, "restart_delay": "100ms", "read_size": "64KiB", "tick": "200ms"}
    tree["flink"] = {"rest.bind-port": str(free_port()), "metrics.fetcher.update-interval": "100 ms"}
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False))
    return path


def expected(shop: Shop, out: Path) -> Plain:
    letters = documents(out / "dead_letters")
    rejected = {(letter["source"]["file"], letter["source"]["byte"]): letter["reason"] for letter in letters}
    return batch(shop.folder, rejected)


def check(shop: Shop, out: Path) -> None:
    """Compare what was counted and learned with a plain join of the lines that were not refused."""
    plain = expected(shop, out)
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    ctr, cvr = plain.examples
    assert report["events"]["read"] == shop.lines
    assert report["events"]["duplicates"] == plain.duplicates
    found = report["joined"]
    assert (found["clicked.examples"], found["bought.examples"]) == (len(ctr), len(cvr))
    assert found["clicked.positives"] == sum(label for label, _, _ in ctr.values())
    assert found["bought.positives"] == sum(label for label, _, _ in cvr.values())
    assert found["waiting"] == found["pending"] == 0
    assert {name: model["examples"] for name, model in report["models"].items()} == {"ctr": len(ctr), "cvr": len(cvr)}


def test_workers_are_killed_while_impressions_wait(shop: Shop, tmp_path: Path) -> None:
    faults = Faults(
        tmp_path / "faults",
        Fault(name="user", stage="user", does="kill", once=True, kind="EVENTS", at=60),
        Fault(name="train", stage="train", does="kill", once=True, kind="EXAMPLES", at=40),
        Fault(name="end", stage="user", does="kill", once=True, kind="END", at=3),
    )
    with Job(configuration(tmp_path), tmp_path / "out", shop.folder, "--bounded", env=faults.env) as job:
        job.succeed()
    assert faults.struck == {"user", "train", "end"}
    check(shop, tmp_path / "out")


def test_a_worker_is_killed_while_examples_go_by_item_and_past_it(shop: Shop, tmp_path: Path) -> None:
    config, out = configuration(tmp_path), tmp_path / "out"
    tree = yaml.safe_load(config.read_text())
    tree["models"]["ctr"]["anomalies"] = {"items": {"field": "item", "partitions": 2}}
    config.write_text(yaml.safe_dump(tree, sort_keys=False))
    fault = Fault(name="item", stage="item", does="kill", once=True, kind="EXAMPLES", at=3)
    faults = Faults(tmp_path / "faults", fault)
    with Job(config, out, shop.folder, "--bounded", env=faults.env) as job:
        job.succeed()
    assert faults.struck == {"item"}
    check(shop, out)
    models = json.loads((out / "report.json").read_text())["models"]
    assert models["ctr"]["items"]["examples"] == models["ctr"]["examples"]
    assert models["ctr"]["items"]["remembered"] > 100
    assert "items" not in models["cvr"]


def test_the_whole_tree_is_killed_while_impressions_wait(shop: Shop, tmp_path: Path) -> None:
    config, out = configuration(tmp_path), tmp_path / "out"
    with Job(config, out, shop.folder, "--bounded") as job:
        until(lambda: waiting(out) > 300 and read_events(out) > 5_000, 200, "impressions wait")
        job.kill_tree()
    with Job(config, out, shop.folder, "--bounded", "--resume") as job:
        job.succeed()
    check(shop, out)


def waiting(out: Path) -> int:
    return sum(report.get("joined", {}).get("waiting", 0) for report in newest_reports(out).values())
