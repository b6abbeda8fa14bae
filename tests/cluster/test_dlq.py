"""What a wrong configuration refused is replayed after it was put right, and ends where it would have been."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from jobs.cli.app import exit_code_of
from tests.cluster.conftest import Stream
from tests.cluster.job import Job, configuration
from tests.cluster.verdict import Verdict, verdict

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


def narrowed(right: Path) -> Path:
    """Write the configuration with too low a bound of prices."""
    tree = yaml.safe_load(right.read_text())
    tree["events"]["impression"]["fields"]["price"]["maximum"] = 20
    wrong = right.with_name("wrong.yaml")
    wrong.write_text(yaml.safe_dump(tree))
    return wrong


def test_replayed_with_the_right_configuration(
    stream: Stream, faultless: Verdict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    for part in stream.folder.iterdir():
        (given / part.name).write_bytes(part.read_bytes())
    right = configuration(tmp_path, runtime={"parallelism": 1})
    with Job(narrowed(right), out, given, "--bounded") as job:
        job.succeed()
    refused = verdict(out).counts["rejected.out_of_range"]
    assert refused > 0

    command = ["dlq", "replay", "--config", str(right), "--from", str(out), "--to", str(given), "--bounded"]
    command += ["--reason", "out_of_range", "--json"]
    for outcome in ("sent", "not sent"):
        assert exit_code_of(command) == 0
        told = [json.loads(line)["outcome"] for line in capsys.readouterr().out.splitlines()]
        assert told == [outcome] * refused
    with Job(right, out, given, "--bounded", "--resume") as job:
        job.succeed()

    found = verdict(out)
    counts = found.counts | {"read": found.counts["read"] - refused}
    assert counts.pop("rejected.out_of_range") == refused
    assert (counts, found.checksum, found.examples) == (faultless.counts, faultless.checksum, faultless.examples)
