"""The command line leaves commands where the job looks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.cli.app import exit_code_of
from jobs.config import load
from udfs.releases.commands import commands
from udfs.releases.registry import Registry

SHOP = Path(__file__).parents[4] / "examples" / "shop.yaml"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for name in ("registry", "checkpoints"):
        (tmp_path / name).mkdir()
    (tmp_path / "checkpoints" / "plan.json").write_bytes(load(SHOP).plan(4, True).to_json())
    return tmp_path


@pytest.mark.parametrize("name", ["open", "close", "accept"])
def test_a_command_is_left_in_the_registry(name: str, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["breaker", name, "--model", "ctr", "--out", str(out)]) == 0
    assert f"command 1 to ctr: {name}" in capsys.readouterr().out
    assert exit_code_of(["breaker", name, "--model", "ctr", "--registry", str(out / "registry")]) == 0
    given = commands(Registry.open(str(out / "registry")), "ctr")
    assert [(one.number, one.command) for one in given] == [(1, name), (2, name)]


def test_what_cannot_be_meant_is_refused(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["breaker", "open", "--model", "crt", "--out", str(out)]) == 2
    assert "There is: ctr, cvr" in capsys.readouterr().err
    assert exit_code_of(["breaker", "open", "--model", "ctr"]) == 2
    assert exit_code_of(["breaker", "open", "--model", "ctr", "--out", str(out), "--registry", "x"]) == 2
    assert exit_code_of(["breaker", "open", "--model", "ctr", "--out", str(out / "nothing")]) == 2
    assert commands(Registry.open(str(out / "registry")), "ctr") == []
