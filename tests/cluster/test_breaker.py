"""An operator's commands reach a model while the job runs, each once, also across a crash."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.cli.app import exit_code_of
from simulator.files import to_files
from simulator.reference import PRESETS, none
from tests.cluster.job import ROOT, Job, free_port, until
from tests.cluster.verdict import documents

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
_COLD = 450
"""Seconds until a model learns where every kernel has to be compiled first: this test may be the first on a machine."""


def configuration(folder: Path) -> Path:
    tree = yaml.safe_load((ROOT / "examples" / "shop.yaml").read_text())
    tree["models"]["ctr"] |= {"snapshot": {"examples": 5_000}, "breaker": {"hold_back": 100}}
    tree["checkpointing"] = {"interval": "400ms"}
    tree["runtime"] = {"parallelism": 2, "restart_delay": "100ms", "read_size": "64KiB", "tick": "200ms"}
    tree["flink"] = {"rest.bind-port": str(free_port()), "metrics.fetcher.update-interval": "100 ms"}
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False))
    return path


def events(out: Path) -> list[str]:
    """Return what the breaker of the model of clicks has told, as far as it is committed."""
    told = [document for document in documents(out / "reports") if document["stage"] == "breaker"]
    return [document["event"] for document in sorted(told, key=lambda document: document["now"])]


def breaker(out: Path) -> dict[str, Any]:
    """Return the newest report of the breaker."""
    told = [report for report in documents(out / "reports") if report.get("model") == "ctr" and "breaker" in report]
    newest = max(told, key=lambda report: (report["epoch"], report["now"]), default={"breaker": {"open": None}})
    return dict(newest["breaker"])


def test_commands_are_obeyed_once_across_a_crash(tmp_path: Path) -> None:
    shop, out = tmp_path / "events", tmp_path / "out"
    to_files(none(replace(PRESETS["small"], impressions=20_000, days=1.0)), shop, tmp_path / "truth")
    with Job(configuration(tmp_path), out, shop) as job:
        until(lambda: breaker(out)["open"] is False, _COLD, "the model learns")
        assert exit_code_of(["breaker", "open", "--model", "ctr", "--out", str(out)]) == 0
        until(lambda: events(out) == ["open"] and breaker(out)["open"], 60, "the breaker is open")
        until(lambda: "breaker of ctr at" in job.log, 30, "the run tells of it")
        os.kill(job.workers()[0], signal.SIGKILL)
        until(lambda: job.recoveries() > 0 and job.running(), 120, "the job goes on")
        assert exit_code_of(["breaker", "close", "--model", "ctr", "--out", str(out)]) == 0
        until(lambda: events(out)[1:] and breaker(out)["open"] is False, 60, "the breaker is closed")
        job.terminate()
        job.succeed()
    assert events(out) == ["open", "close"]
    report = json.loads((out / "report.json").read_text())
    told = report["models"]["ctr"]["breaker"]
    assert [event["event"] for event in told["events"]] == ["open", "close"]
    assert (told["open"], told["trips"]) == (False, 0)
