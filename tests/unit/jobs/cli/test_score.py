"""Scoring from the command line: what is no input is told, what cannot be scored is an error with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.cli.app import exit_code_of
from udfs.features import Space
from udfs.learners.ftrl import FTRL, FTRLOptions
from udfs.releases.export import export
from udfs.schema import Categorical, FeatureSet, ListOf, Number, TimePart, Vector

FEATURES = FeatureSet(
    seed=3,
    features={
        "item": Categorical(field="item"),
        "tags": ListOf(field="tags"),
        "price": Number(field="price"),
        "image": Vector(field="image", length=2),
        "hour": TimePart(part="hour"),
    },
)
GOOD = {"item": "i", "tags": ["a"], "price": 2, "image": [1, 0.5], "timestamp": 1_700_000_000_000_000}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    learner = FTRL(FTRLOptions(), Space.of(FEATURES, tuple(FEATURES.features)))
    path = tmp_path_factory.mktemp("model") / "m.onnx"
    path.write_bytes(export(learner, [learner.freeze(learner.init())]))
    return path


def score(model: Path, tmp_path: Path, *rows: dict[str, Any]) -> int:
    (tmp_path / "in.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return exit_code_of(["score", "--model", str(model), "--input", str(tmp_path / "in.ndjson")])


def test_good_lines_say_nothing_more(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty: dict[str, Any] = {"item": "", "tags": [], "image": [], "price": None, "timestamp": 1.7e15}
    assert score(model, tmp_path, GOOD, empty, {"timestamp": 1}) == 0
    told = capsys.readouterr()
    assert [list(json.loads(line)) for line in told.out.splitlines()] == [["score"]] * 3
    assert told.err == ""


def test_what_is_no_input_and_what_is_missing_are_told_once(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [GOOD, {"item": "i", "ts": 1, "b": 2}] * 1_200
    assert score(model, tmp_path, *rows) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == len(rows)
    unused, timeless = told.err.splitlines()
    assert unused.startswith("from line 2 on, no inputs of the model: b, ts; its inputs are image, item, price, ")
    assert timeless.startswith("line 2 has no timestamp (microseconds since 1970)")


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("price", "abc", "a number"),
        ("price", [1], "a number"),
        ("timestamp", "abc", "a whole number"),
        ("timestamp", 1.5, "a whole number"),
        ("timestamp", 1e30, "a whole number"),
        ("item", 5, "a string"),
        ("item", ["i"], "a string"),
        ("tags", "a", "a list of strings"),
        ("tags", [1], "a list of strings"),
        ("image", [1], "a list of 2 numbers"),
        ("image", [1, "2"], "a list of 2 numbers"),
        ("image", 1, "a list of 2 numbers"),
    ],
)
def test_what_an_input_does_not_take(
    field: str, value: Any, allowed: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(model, tmp_path, *[GOOD] * 1_000, GOOD, GOOD | {field: value}) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"headrace: line 1002: {field} is ")
    assert lines[1] == f"Allowed is {allowed}, or nothing"


def test_input_that_is_not_there(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["score", "--model", str(model), "--input", str(tmp_path / "none")]) == 2
    assert f"--input {tmp_path / 'none'} cannot be read" in capsys.readouterr().err
