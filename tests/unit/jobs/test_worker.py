from __future__ import annotations

import builtins

import pytest

from jobs.worker import tell


def test_what_workers_tell_needs_no_print(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def of_pyflink(*args: object, sep: str = " ", end: str = "\n", file: object = None) -> None:
        raise AssertionError

    monkeypatch.setattr(builtins, "print", of_pyflink)
    tell("source: the brokers do not answer")
    assert capsys.readouterr().err == "source: the brokers do not answer\n"
