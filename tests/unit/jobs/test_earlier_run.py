"""What a run is told that begins where another one was."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import load
from jobs.earlier_run import notice

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "clicks.yaml"


def test_nothing_is_told_of_a_new_directory(tmp_path: Path) -> None:
    configuration = load(EXAMPLE).under(tmp_path)
    assert notice(configuration, resumable=False) == ""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / ".part-0.inprogress").touch()
    assert notice(configuration, resumable=False) == ""


@pytest.mark.parametrize(("below", "told"), [("reports", ""), ("registry/releases", "/registry")])
def test_what_is_there_is_told(below: str, told: str, tmp_path: Path) -> None:
    (tmp_path / below).mkdir(parents=True)
    (tmp_path / below / "part-0.ndjson").touch()
    configuration = load(EXAMPLE).under(tmp_path)
    said = f"{tmp_path}{told} has versions and dead letters of earlier runs, which stay there"
    assert notice(configuration, resumable=True) == f"{said}; --resume goes on from them"
    assert notice(configuration, resumable=False) == f"{said}; there is no checkpoint to go on from"
