"""The commands that need no Flink."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.cli.app import exit_code_of
from jobs.config import load
from jobs.lock_file import locked
from udfs import __version__

EXAMPLES = Path(__file__).parents[4] / "examples"
CLICKS = str(EXAMPLES / "clicks.yaml")


def test_check_prints_what_it_would_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "hunter2hunter2")
    assert exit_code_of(["check", "--config", CLICKS]) == 0
    assert "max_ids: 2000000" in capsys.readouterr().out
    assert exit_code_of(["check", "--config", str(EXAMPLES / "kafka.yaml")]) == 0
    assert "hunter2" not in capsys.readouterr().out


@pytest.mark.parametrize("where", ["plan.json", "checkpoints/plan.json"])
def test_check_against_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str) -> None:
    plan = tmp_path / where
    plan.parent.mkdir(exist_ok=True)
    plan.write_bytes(load(CLICKS).plan(4, True).to_json())
    assert exit_code_of(["check", "--config", CLICKS, "--against", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "no changes\n"
    plan.write_bytes(plan.read_bytes().replace(b'"buckets":8', b'"buckets":4'))
    assert exit_code_of(["check", "--config", CLICKS, "--against", str(plan)]) == 2
    assert "runtime.buckets: refused" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "--config", "missing.yaml"], 2),
        (["check"], 2),
        (["nonsense"], 2),
        (["simulate"], 2),
        (["score", "--model", "missing.onnx"], 2),
        (["--help"], 0),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    assert exit_code_of(arguments) == code


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["--version"]) == 0
    assert capsys.readouterr().out == f"headrace {__version__}\n"


def run_in(out: str, *arguments: str) -> int:
    return exit_code_of(["run", "--config", CLICKS, "--out", out, *arguments])


def test_a_run_needs_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    for out in (f"{tmp_path}/file", f"{tmp_path}/file/x", "/proc/x", f"{tmp_path}/back\\slash"):
        assert run_in(out) == 2
        told, remedy = capsys.readouterr().err.splitlines()
        assert out in told
        assert "directory" in remedy


def test_a_run_has_its_directory_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with locked(tmp_path):
        assert run_in(str(tmp_path)) == 2
    assert f"Another run, process {os.getpid()}, writes to {tmp_path}" in capsys.readouterr().err


def test_the_log_of_a_run_needs_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOG4J_PROPERTIES", "")
    monkeypatch.setenv("FLINK_LOG_DIR", f"{tmp_path}/file/log")
    assert run_in(f"{tmp_path}/out") == 2
    assert f"The directory of the log, {tmp_path}/file/log, cannot be made" in capsys.readouterr().err


def test_an_empty_registry_is_not_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["models", "verify", "--registry", str(tmp_path)]) == 4
    assert exit_code_of(["models", "list", "--registry", tmp_path.as_uri()]) == 0
    assert "no versions" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["list", "verify", "show", "prune"])
def test_a_registry_that_is_not_there(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = ["--model", "m"] if command == "show" else []
    gone = str(tmp_path / "gone")
    for uri in (gone, f"file://{gone}"):
        assert exit_code_of(["models", command, "--registry", uri, *model]) == 2
        assert f"There is no directory {uri}" in capsys.readouterr().err
    assert exit_code_of(["models", command, "--registry", "nothing://x", *model]) == 2
    assert "--registry nothing://x cannot be read" in capsys.readouterr().err


def test_check_loads_no_flink() -> None:
    code = f"import sys; from jobs.cli.app import exit_code_of; exit_code_of(['check', '--config', {CLICKS!r}]); "
    code += "sys.exit(any(name.partition('.')[0] in ('pyflink', 'py4j', 'apache_beam') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
