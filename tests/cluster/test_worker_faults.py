"""Python workers that are killed, and stages that raise, leave no trace in what a run says."""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.cluster.conftest import Stream
from tests.cluster.fault import Fault, Faults
from tests.cluster.job import Job, configuration, until
from tests.cluster.verdict import Verdict, documents, newest_reports, verdict

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


def test_workers_killed_three_times(stream: Stream, faultless: Verdict, tmp_path: Path) -> None:
    chance = random.Random(20)
    faults = Faults(
        tmp_path / "faults",
        Fault(name="user", stage="user", does="kill", once=True, kind="EVENTS", at=chance.randrange(10, 40)),
        Fault(name="end", stage="train", does="kill", once=True, kind="END", at=1),
    )
    with Job(configuration(tmp_path), tmp_path / "out", stream.folder, "--bounded", env=faults.env) as job:
        until(lambda: "user" in faults.struck, 200, "the first kill")
        until(lambda: job.recoveries() >= 1 and job.running(), 200, "the job runs again")
        os.kill(chance.choice(job.workers()), signal.SIGKILL)
        until(lambda: "end" in faults.struck, 200, "the kill in the final flush")
        job.succeed()
    assert verdict(tmp_path / "out") == faultless


def event_time(line: bytes) -> int:
    return int(json.loads(line)["ts"]) * 1_000


def test_an_exception_costs_only_its_event(stream: Stream, faultless: Verdict, tmp_path: Path) -> None:
    times_sent = Counter(line for part in stream.lines for line in part)
    good = [line for line in stream.lines[1] if line.startswith(b'{"event_id":"e') and line.endswith(b"}")]
    good = [line for line in good if times_sent[line] == 1]
    times = [event_time(line) for line in good[100:104]]
    faults = Faults(
        tmp_path / "faults",
        Fault(name="bad event", stage="user", does="raise", once=False, time=times[0]),
        Fault(name="bad example", stage="train", does="raise", once=False, time=times[1]),
        Fault(name="once in user", stage="user", does="raise", once=True, time=times[2]),
        Fault(name="once in train", stage="train", does="raise", once=True, time=times[3]),
    )
    with Job(configuration(tmp_path), tmp_path / "out", stream.folder, "--bounded", env=faults.env) as job:
        job.succeed()
    assert faults.struck == {"once in user", "once in train"}
    errors = [letter for letter in documents(tmp_path / "out/dead_letters") if letter["reason"] == "stage_error"]
    assert {letter["step"] for letter in errors} == {"user", "train"}
    assert all("planned: bad" in letter["message"] for letter in errors)
    assert len(errors) == 2
    found = verdict(tmp_path / "out")
    assert found.counts.pop("rejected.stage_error") == 1
    assert found.counts.pop("accepted") == faultless.counts["accepted"] - 1
    assert found.examples == faultless.examples - 2
    assert newest_reports(tmp_path / "out")["train", 0]["failed"] == 1
    assert faultless.dead_letters <= found.dead_letters
    assert (found.dead_letters - faultless.dead_letters).total() == 2
