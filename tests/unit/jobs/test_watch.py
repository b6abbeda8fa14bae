"""What a run shows comes from its committed reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.config import load
from jobs.launcher import RunOptions
from jobs.watch import Watch

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "clicks.yaml"


def watch_of(out: Path) -> Watch:
    configuration = load(EXAMPLE).under(out)
    return Watch(configuration, RunOptions(out=out, json=True), configuration.plan(epoch=2, bounded=True))


def report(epoch: int, read: int) -> str:
    document = {
        "stage": "user",
        "key": 0,
        "epoch": epoch,
        "now": 1,
        "read": read,
        "accepted": read,
        "duplicates": 0,
        "rejected": {},
        "checksum": "0",
        "remembered": read,
        "forgotten": 0,
        "offsets": {},
        "times": {},
    }
    return json.dumps(document) + "\n"


def test_what_is_committed_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = watch_of(tmp_path)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "part-0").write_text(report(2, 7))
    watch.update()
    watch.close()
    shown = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert shown["events"]["read"] == 7


def ended(epoch: int) -> str:
    return json.dumps({"stage": "release", "key": 0, "epoch": epoch, "model": "ctr", "ended": True}) + "\n"


def test_only_this_start_reaches_the_end(tmp_path: Path) -> None:
    watch = watch_of(tmp_path)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "part-0").write_text(ended(1))
    watch.update()
    assert not watch.ended
    (tmp_path / "reports" / "part-1").write_text(ended(2))
    watch.update()
    assert watch.ended
