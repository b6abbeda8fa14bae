"""What Flink is told of the directories of a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.config import load
from jobs.options import flink_options, flink_uri
from udfs.errors import ConfigurationError

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "clicks.yaml"


@pytest.mark.parametrize("name", ["o clean", "é", "100%", "a%20b", "a#b", "a?b", "a+b"])
def test_flink_gets_names_as_they_are(name: str, tmp_path: Path) -> None:
    configuration = load(EXAMPLE).under(tmp_path / name)
    expected = f"file://{tmp_path}/{name}/checkpoints"
    assert flink_options(configuration)["execution.checkpointing.dir"] == expected
    assert flink_uri((tmp_path / name).as_uri()) == f"file://{tmp_path}/{name}"


def test_a_directory_that_is_not_given_is_not_made_up() -> None:
    assert "execution.checkpointing.dir" not in flink_options(load(EXAMPLE))


def test_what_is_elsewhere_is_told_as_it_is() -> None:
    assert flink_uri("s3://shop/o%20clean") == "s3://shop/o%20clean"


def test_names_that_flink_would_change_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a backslash, which Flink takes for a slash"):
        flink_uri(f"{tmp_path}/a\\b")
    with pytest.raises(ConfigurationError, match="is not in UTF-8"):
        flink_uri(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
