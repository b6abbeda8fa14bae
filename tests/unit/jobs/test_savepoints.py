"""The savepoints and checkpoints of a run, found where its directory is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.savepoints import advice, newest, newest_since, resume_path
from udfs.errors import ConfigurationError


def saved(folder: Path, at: int) -> Path:
    folder.mkdir(parents=True)
    (folder / "_metadata").touch()
    os.utime(folder / "_metadata", ns=(at, at))
    return folder


@pytest.mark.parametrize("name", ["o clean", "é", "100%", "a%20b", "a#b", "a?b", "a+b"])
def test_the_newest_is_found_and_told_as_flink_reads_it(name: str, tmp_path: Path) -> None:
    out = tmp_path / name
    assert newest(str(out)) is None
    assert newest_since(str(out), 0) is None
    older, newer = saved(out / "checkpoints/1f/chk-3", 1_000), saved(out / "savepoints/savepoint-1f", 2_000)
    assert newest(str(out)) == newer
    assert newest_since(str(out), 1_500) == f"file://{newer}"
    assert newest_since(str(out), 2_500) is None
    assert resume_path(True, str(out)) == f"file://{newer}"
    assert resume_path(older, str(out)) == f"file://{older}"
    # The command line makes a path of a URI: one slash of two is gone.
    assert resume_path(Path(older.as_uri()), str(out)) == f"file://{older}"
    assert resume_path(False, str(out)) is None


def test_nothing_to_go_on_from(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="There is no savepoint or checkpoint below"):
        resume_path(True, str(tmp_path))
    with pytest.raises(ConfigurationError, match="Give the folder that holds _metadata"):
        resume_path(tmp_path, str(tmp_path))


def test_resume_is_advised_only_where_there_is_something_to_go_on_from() -> None:
    assert advice(resumable=True) == "--resume goes on from the newest checkpoint"
    assert advice(resumable=False).endswith("start again without --resume")
