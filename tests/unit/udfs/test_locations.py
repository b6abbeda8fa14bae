"""Where something lies, whatever characters its name has."""

from __future__ import annotations

from pathlib import Path

import pytest

from udfs.locations import absolute, local_path, opened
from udfs.releases import storage
from udfs.releases.registry import Registry

NAMES = ["o clean", "é", "100%", "a%20b", "a#b", "a?b", "a+b", "日本"]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_is_what_it_says_and_a_uri_of_it_the_same(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    for where in (str(folder), folder.as_uri(), f"file:{folder.as_uri().removeprefix('file://')}"):
        assert local_path(where) == folder
        assert absolute(where) == str(folder)
        filesystem, path = opened(where)
        storage.write_whole(filesystem, f"{path}/a", b"1")
        assert Registry.open(where).root == str(folder)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (folder / "a").read_bytes() == b"1"


def test_a_uri_with_a_space_that_nobody_encoded() -> None:
    assert local_path("file:///tmp/o clean/é") == Path("/tmp/o clean/é")
    assert local_path("file://localhost/tmp/o%20clean") == Path("/tmp/o clean")


@pytest.mark.parametrize("uri", ["s3://shop/out", "hdfs://host/o%20clean", "file://elsewhere/tmp"])
def test_what_is_elsewhere_stays_a_uri(uri: str) -> None:
    assert local_path(uri) is None
    assert absolute(f"{uri}/") == uri


def test_relative_paths_mean_the_same_in_every_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("o clean/../x") == str(tmp_path / "x")
