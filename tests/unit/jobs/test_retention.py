"""Dead letters and reports go when they are old; what a reader still needs stays."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jobs.cli.app import exit_code_of
from jobs.config import load
from jobs.monitor.progress import Progress
from jobs.monitor.tail import Tail
from jobs.retention import EVERY, Retention

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "clicks.yaml"
NOW = 2_000_000_000.0
DAY = 86_400.0


def retention(out: Path) -> Retention:
    return Retention(load(EXAMPLE).under(out))


def write(path: Path, *documents: Any, days: float = 30.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    os.utime(path, (NOW - days * DAY, NOW - days * DAY))
    return path


def counts(key: int, read: int, epoch: int = 1) -> dict[str, Any]:
    some = {"accepted": read, "duplicates": 0, "rejected": {}}
    return {"stage": "user", "key": key, "epoch": epoch, "now": read, "read": read, **some}


def learned(model: str, examples: int) -> dict[str, Any]:
    progressive = {"fresh": {"examples": examples}}
    return {"stage": "train", "model": model, "key": 0, "now": 1, "examples": examples, "progressive": progressive}


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_old_dead_letters_go_and_unfinished_files_stay(tmp_path: Path) -> None:
    letters = tmp_path / "dead_letters"
    old = [write(letters / name, {}) for name in ("part-0", "hour/part-1")]
    for name in (".part-2.inprogress", "_tmp", ".hidden/part-3"):
        write(letters / name, {})
    write(letters / "part-4", {}, days=6.9)
    assert sorted(retention(tmp_path).enforce(NOW)) == sorted(map(str, old))
    assert names(letters) == {".part-2.inprogress", "_tmp", ".hidden/part-3", "part-4"}
    assert retention(tmp_path).enforce(NOW) == []


def test_the_newest_report_of_every_key_stays(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    write(reports / "part-0", counts(0, 5), counts(1, 9))
    write(reports / "part-1", counts(0, 7), learned("ctr", 3))
    write(reports / "part-2", counts(0, 6, epoch=2), learned("ctr", 2))
    write(reports / "part-3", counts(1, 8), days=29)
    write(reports / "part-4", counts(0, 1), days=1)
    write(reports / "part-5", learned("other", 1))
    write(reports / "part-6", learned("other", 1), "no document")
    write(reports / "part-7", {"stage": "another", "key": 0, "epoch": 1})
    write(reports / "part-8", {"stage": "another", "key": 0, "epoch": 2})
    after = Progress()
    gone = retention(tmp_path).enforce(NOW)
    assert [Path(path).name for path in gone] == ["part-7", "part-3"]
    assert names(reports) == {f"part-{i}" for i in (0, 1, 2, 4, 5, 6, 8)}
    (reports / "part-6").unlink()
    after.follow(Tail(reports))
    assert (after.read, after.models["ctr"].examples) == (15, 3)


def test_reports_that_newer_ones_replace_go(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    for i in range(20):
        write(reports / f"part-{i:02}", counts(0, i), counts(1, i), learned("ctr", i), days=40 - i)
    write(reports / ".part-00.inprogress", counts(0, 0))
    assert len(retention(tmp_path).enforce(NOW)) == 19
    assert names(reports) == {"part-19", ".part-00.inprogress"}


def test_a_look_deletes_so_many_at_most(tmp_path: Path) -> None:
    for i in range(5):
        write(tmp_path / "dead_letters" / f"part-{i}", {}, days=40 - i)
    assert [Path(path).name for path in retention(tmp_path).enforce(NOW, most=2)] == ["part-0", "part-1"]
    assert len(retention(tmp_path).enforce(NOW)) == 3


def test_while_a_job_runs_it_is_done_now_and_then(tmp_path: Path) -> None:
    live = retention(tmp_path)
    write(tmp_path / "dead_letters" / "part-0", {})
    assert len(live.due(NOW)) == 1
    write(tmp_path / "dead_letters" / "part-1", {})
    assert live.due(NOW + EVERY - 1) == []
    assert len(live.due(NOW + EVERY)) == 1


def test_a_log_that_cannot_be_read_ends_no_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "registry" / "releases" / "part-0", "no record")
    write(tmp_path / "dead_letters" / "part-0", {})
    assert retention(tmp_path).due(NOW) == []
    assert "no record" in capsys.readouterr().err
    assert names(tmp_path / "dead_letters") == {"part-0"}


def test_the_command_prints_what_went(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = write(tmp_path / "dead_letters" / "part-0", {})
    os.utime(gone, (1, 1))
    assert exit_code_of(["prune", "--config", str(EXAMPLE), "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{gone}\n"
    assert exit_code_of(["prune", "--config", str(EXAMPLE)]) == 2
