"""The plan beside the checkpoints: what a resume may change, and what it is told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from jobs.config import load
from jobs.recorded_plan import NAME, record
from udfs.errors import ConfigurationError
from udfs.schema import Plan

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "clicks.yaml"


def plan(epoch: int, bounded: bool = True) -> Plan:
    return load(EXAMPLE).plan(epoch, bounded)


def recorded(folder: Path) -> Plan:
    return Plan.from_json((folder / NAME).read_bytes())


@pytest.mark.parametrize("example", ["clicks.yaml", "kafka.yaml"])
def test_a_run_may_be_resumed_to_its_end_or_without_one(
    example: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configuration = load(EXAMPLE.parent / example, {"KAFKA_PASSWORD": "x"})
    record(configuration.plan(1, bounded=False), tmp_path.as_uri(), resumes=False)
    record(configuration.plan(2, bounded=True), tmp_path.as_uri(), resumes=True)
    assert "changed: --bounded: allowed (false -> true)" in capsys.readouterr().err


def test_other_buckets_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    record(plan(1), tmp_path.as_uri(), resumes=False)
    with pytest.raises(ConfigurationError, match="start in a new directory without --resume"):
        record(msgspec.structs.replace(plan(2), buckets=16), tmp_path.as_uri(), resumes=True)
    assert recorded(tmp_path) == plan(1)


def test_the_same_bounded_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(plan(1), tmp_path.as_uri(), resumes=False)
    record(plan(2), tmp_path.as_uri(), resumes=True)
    assert recorded(tmp_path) == plan(2)
    assert capsys.readouterr().err == ""


def test_a_new_run_may_be_any(tmp_path: Path) -> None:
    record(plan(1), tmp_path.as_uri(), resumes=False)
    record(plan(2, bounded=False), tmp_path.as_uri(), resumes=False)
    assert recorded(tmp_path) == plan(2, bounded=False)
