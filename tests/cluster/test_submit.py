from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.config import load
from jobs.submit import code, submit
from tests.class_data import with_class_data
from tests.cluster.conftest import Stream
from tests.cluster.job import MAIN, ROOT, configuration, until
from tests.cluster.standalone import Standalone
from tests.cluster.verdict import Verdict, learned, read_events, verdict
from udfs.errors import ConfigurationError

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
SECRET = "hush-4711"


def test_a_task_manager_is_killed_and_nothing_is_lost(stream: Stream, faultless: Verdict, tmp_path: Path) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    source = {"files": {"format": "json", "path": str(given)}}
    config = configuration(tmp_path, source=source, flink={"s3.secret-key": SECRET})
    (tmp_path / "flink").mkdir()
    with Standalone(tmp_path / "flink") as cluster:
        cluster.start(taskmanagers=2)
        submitted = headrace("submit", "--config", config, "--target", cluster.target, "--out", out)
        assert submitted.returncode == 0, submitted.stderr
        job = cluster.job()
        assert job is not None
        assert job[0] in submitted.stdout

        parts = sorted(stream.folder.iterdir())
        for part in parts[:2]:
            move_in(part, given)
        until(lambda: read_events(out) > 0, 240, "events were read")
        assert any((tmp_path / "flink" / "tmp").rglob("jobs/adapter.py"))
        cluster.kill_taskmanager(0)
        for part in parts[2:]:
            move_in(part, given)
        cluster.add_taskmanager()
        until(lambda: caught_up(cluster, out, stream.total), 240, "every event was read again")
        until(lambda: learned(out) >= faultless.examples, 60, "every example was learned")
        assert cluster.rest(f"/jobs/{job[0]}")["state"] == "RUNNING"
        until(lambda: restarts(cluster, job[0]), 30, "the restart is counted")
        cluster_config = json.dumps(cluster.rest(f"/jobs/{job[0]}/config"))
        assert SECRET not in submitted.stdout + submitted.stderr + cluster.logs() + cluster_config
    found = verdict(out)
    assert (found.counts, found.checksum, found.examples) == (faultless.counts, faultless.checksum, faultless.examples)
    assert found.dead_letters.total() == faultless.dead_letters.total()


def caught_up(cluster: Standalone, out: Path, total: int) -> bool:
    """Return whether everything was read; the one that was killed can take the other with it."""
    cluster.replace_lost()
    return read_events(out) >= total


def headrace(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = with_class_data(os.environ | {"PYTHONPATH": str(ROOT)} | environment)
    command = [sys.executable, "-c", MAIN, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, check=False)


def move_in(part: Path, folder: Path) -> None:
    shutil.copy(part, folder / f".{part.name}")
    (folder / f".{part.name}").rename(folder / part.name)


def restarts(cluster: Standalone, job: str) -> int:
    found = cluster.rest(f"/jobs/{job}/metrics?get=numRestarts")
    return int(found[0]["value"]) if found else 0


@pytest.mark.parametrize("target", ["localhost", "localhost:http", ":8081", "127.0.0.1:1"])
def test_a_target_that_does_not_answer_is_refused(target: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    job = load(configuration(tmp_path)).under(out)
    with pytest.raises(ConfigurationError, match=r"target|answers"):
        submit(job, target, out, None)
    assert not out.exists()


def test_code_travels_without_compiled_files(tmp_path: Path) -> None:
    folder = code(tmp_path)
    shipped = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert {"jobs/adapter.py", "udfs/jit.py", "jobs/config/flink_keys.txt"} <= shipped
    assert not any("__pycache__" in path for path in shipped)
