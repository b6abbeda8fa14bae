"""Lanes of several processes wait for each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.reader import rendezvous
from jobs.reader.rendezvous import Rendezvous


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendezvous, "POLL_SECONDS", 0.0)


def test_none_goes_on_before_all_have_arrived(tmp_path: Path) -> None:
    one, other = (Rendezvous(f"{tmp_path.as_uri()}/not/there/yet", 3) for _ in range(2))
    assert not one.arrive(0)
    assert not other.arrive(2)
    assert not one.arrive(0)
    assert one.arrive(1)
    assert other.arrive(2)


def test_a_process_that_begins_anew_finds_who_has_arrived(tmp_path: Path) -> None:
    Rendezvous(tmp_path.as_uri(), 2).arrive(0)
    assert Rendezvous(tmp_path.as_uri(), 2).arrive(1)


def test_who_is_put_back_has_not_arrived(tmp_path: Path) -> None:
    Rendezvous(tmp_path.as_uri(), 2).arrive(0)
    Rendezvous(tmp_path.as_uri(), 2).leave(0)
    anew = Rendezvous(tmp_path.as_uri(), 2)
    anew.leave(1)
    assert not anew.arrive(1)
    assert anew.arrive(0)


def test_what_was_deleted_is_said_again(tmp_path: Path) -> None:
    one, other = (Rendezvous(tmp_path.as_uri(), 2) for _ in range(2))
    one.arrive(0)
    (tmp_path / "0").unlink()
    assert not one.arrive(0)
    assert other.arrive(1)


def test_a_directory_that_does_not_answer_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "blocked").write_bytes(b"a file")
    waiting = Rendezvous((tmp_path / "blocked").as_uri(), 1)
    assert not waiting.arrive(0)
    assert "does not answer, trying on" in capsys.readouterr().err
    (tmp_path / "blocked").unlink()
    assert waiting.arrive(0)


def test_it_is_asked_now_and_then_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendezvous, "POLL_SECONDS", 3600.0)
    one = Rendezvous(tmp_path.as_uri(), 2)
    assert not one.arrive(0)
    Rendezvous(tmp_path.as_uri(), 2).arrive(1)
    assert not one.arrive(0)
