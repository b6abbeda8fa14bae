"""A job that cannot go on says so, after a bounded number of restarts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.conftest import Stream
from tests.cluster.job import Job, configuration

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


def test_a_job_that_fails_for_good_exits_3_and_says_why(stream: Stream, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "registry").mkdir(parents=True)
    (out / "registry" / "models").write_text("no folder")
    config = configuration(tmp_path, runtime={"parallelism": 1, "restarts": 1})
    with Job(config, out, stream.folder, "--bounded") as job:
        assert job.wait() == 3
        assert "headrace: The job failed" in job.log
        assert "models" in job.log[job.log.index("headrace: The job failed") :]
        assert "--resume" in job.log
    assert list((out / "registry" / "releases").glob("[!.]*")) == []
