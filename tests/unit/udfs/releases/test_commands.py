"""Commands in a registry: each has a number, and tells which start of the job it was given to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyarrow import fs

from udfs.errors import ReleaseError
from udfs.releases.commands import Given, commands, give
from udfs.releases.epochs import next_epoch
from udfs.releases.registry import Registry


@pytest.fixture(params=["local", "remote"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    if request.param == "local":
        return Registry.open(str(tmp_path))
    return Registry(fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), "shop")


def test_commands_are_numbered_for_each_model(registry: Registry) -> None:
    assert commands(registry, "ctr") == []
    assert give(registry, "ctr", "open") == 1
    next_epoch(registry)
    assert give(registry, "ctr", "accept") == 2
    assert give(registry, "cvr", "close") == 1
    assert commands(registry, "ctr") == [Given(1, "open", 0), Given(2, "accept", 1)]
    assert commands(registry, "cvr") == [Given(1, "close", 1)]


def test_files_that_are_no_commands_are_none(registry: Registry) -> None:
    give(registry, "ctr", "open")
    for name in (f".tmp-1-0000000002-1-open-{32 * 'a'}", f"0000000003-1-explode-{32 * 'a'}", "notes.txt"):
        registry.put(f"control/ctr/{name}", b"")
    assert [given.number for given in commands(registry, "ctr")] == [1]


def test_commands_at_the_same_moment_have_numbers_of_their_own(registry: Registry) -> None:
    with ThreadPoolExecutor(4) as threads:
        numbers = list(threads.map(lambda _: give(registry, "ctr", "open"), range(12)))
    assert len(set(numbers)) == 12
    assert sorted(numbers) == [given.number for given in commands(registry, "ctr")]


def test_a_model_that_is_no_folder_is_refused(registry: Registry) -> None:
    with pytest.raises(ReleaseError, match="cannot name a folder"):
        give(registry, "../ctr", "open")
