from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from jobs.options import JARS
from tests.cluster.job import ROOT
from tests.cluster.test_submit import headrace

pytestmark = pytest.mark.cluster


def test_plan_and_table_of_the_example(tmp_path: Path) -> None:
    out = tmp_path / "out"
    explained = headrace("explain", "--config", ROOT / "examples" / "clicks.yaml", "--out", out)
    assert explained.returncode == 0, explained.stderr
    assert not out.exists()
    plan, _, table = explained.stdout.partition("Operators\n\n")
    assert "user -> train (hash)" in plan
    assert plan.count("read -> ") == 1
    assert "read -> user (hash)" in plan

    headings, *rows = (re.split(r"  +", line) for line in table.strip().splitlines())
    assert headings == ["operator", "uid", "parallelism", "keys", "state"]
    by_name = {row[0]: row for row in rows}
    assert by_name["read"][1:4] == ["read", "2", "8"]
    assert "files read and being read" in by_name["read"][4]
    assert by_name["user"][1:4] == ["user", "2", "8"]
    assert by_name["train"][1:4] == ["train", "2", "1"]
    assert by_name["release"][1:4] == ["release", "2", "1"]
    assert "86400 s" in by_name["user"][4]
    assert "ctr (ftrl)" in by_name["train"][4]
    assert {"dead_letters-sink", "releases-sink", "reports-sink"} <= {row[1] for row in rows}
    uids = [row[1] for row in rows if not row[1].isdigit()]  # without a uid, the parallelism comes second
    assert len(set(uids)) == len(uids) >= 10


def test_when_models_learn_is_in_the_table(tmp_path: Path) -> None:
    explained = headrace("explain", "--config", ROOT / "examples" / "drift.yaml", "--out", tmp_path / "out")
    assert explained.returncode == 0, explained.stderr
    moment = "2025-01-06T00:00:00+00:00"
    shown = f"live (ftrl), frozen (ftrl, learns until {moment}), fresh (ftrl, learns from {moment}), the released ones"
    assert shown in explained.stdout


@pytest.mark.skipif(not any(JARS.glob("*.jar")), reason="no Kafka connector: make jars")
def test_secrets_of_a_kafka_job_are_shown_nowhere(tmp_path: Path) -> None:
    security = {"protocol": "SASL_SSL", "mechanism": "PLAIN", "username": "shop", "password": "hush-4711"}
    kafka = {"bootstrap": "127.0.0.1:9", "topics": ["clicks"], "group": "shop", "security": security}
    sinks = {"bootstrap": "127.0.0.1:9", "releases": "r", "dead_letters": "d", "reports": "p", "security": {**security}}
    tree = yaml.safe_load((ROOT / "examples" / "clicks.yaml").read_text())
    config = tmp_path / "job.yaml"
    config.write_text(yaml.safe_dump(tree | {"source": {"kafka": kafka}, "sinks": {"kafka": sinks}}))
    explained = headrace("explain", "--config", config, "--out", tmp_path / "out", FLINK_LOG_DIR=str(tmp_path))
    assert explained.returncode == 0, explained.stderr
    assert "dead_letters-topic" in explained.stdout
    assert "offsets of its partitions" in explained.stdout
    logs = [path.read_text(errors="replace") for path in tmp_path.glob("*.log")]
    assert logs
    assert not any("hush-4711" in text for text in [*logs, explained.stdout, explained.stderr])
