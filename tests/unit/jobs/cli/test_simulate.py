"""``headrace simulate`` with and without a shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from jobs.cli.app import exit_code_of
from simulator import clicks, records


def test_a_click_stream_is_what_it_was(tmp_path: Path) -> None:
    assert exit_code_of(["simulate", "--events", "50", "--out", str(tmp_path / "in")]) == 0
    assert json.loads((tmp_path / "in-truth.json").read_text())["events"] == 50


def test_a_shop_is_written_with_its_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "shop"
    options = ["--preset", "small", "--faults", "all", "--partitions", "3", "--separate", "--seed", "5"]
    options += ["--set", "faults.duplicates=0.5", "--set", "bots.ring.accounts=7", "--days", "3"]
    assert exit_code_of(["simulate", "shop", "--out", str(out), "--events", "3000", *options]) == 0
    summary = json.loads((tmp_path / "shop-truth/summary.json").read_text())
    written = summary["configuration"]
    assert (written["seed"], written["days"], written["partitions"], written["impressions"]) == (5, 3, 3, 3000)
    assert written["faults"]["duplicates"] == 0.5
    assert written["bots"]["ring"]["accounts"] == 7
    assert {path.name.split("-")[0] for path in out.iterdir()} == {"searches", "impressions", "clicks", "orders"}
    assert f"{summary['lines']} lines" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shop"], "One of --out and --bootstrap"),
        (["shop", "--out", "OUT", "--bootstrap", "localhost:1"], "One of --out and --bootstrap"),
        (["shop", "--out", "OUT", "--preset", "large"], "There is no preset 'large'"),
        (["shop", "--out", "OUT", "--set", "faults.late=2"], "Faults.late is 2.0"),
        (["--events", "5", "shop", "--out", "OUT"], "--events belongs to the click stream"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    given = [argument.replace("OUT", str(tmp_path / "out")) for argument in arguments]
    assert exit_code_of(["simulate", *given]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("shop", [[], ["shop", "--preset", "small"]])
def test_a_folder_that_cannot_be_one(shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert exit_code_of(["simulate", *shop, "--events", "10", "--out", str(tmp_path / "file")]) == 2
    assert f"{tmp_path / 'file'} cannot be made a folder" in capsys.readouterr().err


@pytest.mark.parametrize("shop", [[], ["shop", "--preset", "small"]])
def test_brokers_that_do_not_answer(
    shop: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "KafkaProducer", raising(KafkaTimeoutError("nobody is there")))
    assert exit_code_of(["simulate", *shop, "--events", "10", "--bootstrap", "b:1", "--topic", "t"]) == 2
    assert "The brokers b:1 do not answer (KafkaTimeoutError: nobody is there)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "error", "told"),
    [
        (
            ["--bootstrap", "b:1"],
            KafkaTimeoutError("gone"),
            "Not every event was sent to b:1 (KafkaTimeoutError: gone)",
        ),
        (["--out", "in"], OSError("full"), "Not every event was written (full)"),
    ],
)
def test_what_breaks_on_the_way(
    target: list[str],
    error: Exception,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clicks, "generate", raising(error))
    assert exit_code_of(["simulate", "--events", "10", *target]) == 3
    assert told in capsys.readouterr().err


def raising(error: Exception) -> Callable[..., Any]:
    def fail(**_: Any) -> Any:
        raise error

    return fail
