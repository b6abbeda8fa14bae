"""The plan beside the checkpoints: what a resume may change, and what it is told."""

from __future__ import annotations

from pathlib import Path

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


@pytest.mark.parametrize("bounded", [True, False])
def test_another_bounded_is_refused_and_says_what_to_do(tmp_path: Path, bounded: bool) -> None:
    record(plan(1, bounded), tmp_path.as_uri(), resumes=False)
    with pytest.raises(ConfigurationError, match="resume as the run was started, with --bounded or without") as caught:
        record(plan(2, not bounded), tmp_path.as_uri(), resumes=True)
    assert "start in a new directory" in str(caught.value)
    assert recorded(tmp_path) == plan(1, bounded)


def test_over_topics_a_run_may_end_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configuration = load(EXAMPLE.parent / "kafka.yaml", {"KAFKA_PASSWORD": "x"})
    record(configuration.plan(1, bounded=False), tmp_path.as_uri(), resumes=False)
    record(configuration.plan(2, bounded=True), tmp_path.as_uri(), resumes=True)
    assert "changed: --bounded: allowed (false -> true)" in capsys.readouterr().err


def test_the_same_bounded_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(plan(1), tmp_path.as_uri(), resumes=False)
    record(plan(2), tmp_path.as_uri(), resumes=True)
    assert recorded(tmp_path) == plan(2)
    assert capsys.readouterr().err == ""


def test_a_new_run_may_be_any(tmp_path: Path) -> None:
    record(plan(1), tmp_path.as_uri(), resumes=False)
    record(plan(2, bounded=False), tmp_path.as_uri(), resumes=False)
    assert recorded(tmp_path) == plan(2, bounded=False)
