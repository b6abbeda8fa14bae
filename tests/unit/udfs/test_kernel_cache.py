"""Kernels are compiled once for a user, wherever the package lies; a broken cache costs time and nothing else."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from udfs import kernel_cache

ROOT = Path(kernel_cache.__file__).parent.parent
PROGRAM = """
import json, sys
import numpy as np
from udfs.hashing import hash32, murmur3
from udfs.learners import moments
table = np.zeros((1, 3))
moments.observe(table, np.ones(1, np.bool_), np.array([3.0]))
kernels = [moments.observe, *(k for k in vars(murmur3).values() if hasattr(k, "stats"))]
print(json.dumps({
    "package": murmur3.__file__,
    "hits": sum(k.stats.cache_hits.total() for k in kernels),
    "misses": sum(k.stats.cache_misses.total() for k in kernels),
    "results": [hash32("shoes", 1), *table[0].tolist()],
}))
"""


def copy_of_the_package(folder: Path) -> Path:
    shutil.copytree(ROOT / "udfs", folder / "udfs", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(package: Path, cache: Path, before: str = "") -> dict[str, object]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(package), "NUMBA_CACHE_DIR": str(cache)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "-c", before + PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, cwd="/", check=True)
    return {"log": ran.stderr, **json.loads(ran.stdout)}


def files(cache: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return copy_of_the_package(tmp_path / "one")


def test_a_copy_of_the_package_elsewhere_compiles_nothing(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = run(package, cache)
    written = files(cache)
    assert (first["hits"], len(written) > 0) == (0, True)
    second = run(copy_of_the_package(tmp_path / "elsewhere" / "deeper"), cache)
    assert second["package"] != first["package"]
    assert (second["misses"], second["hits"]) == (0, first["misses"])
    assert second["results"] == first["results"]
    assert files(cache) == written
    assert [path.stat().st_mode & 0o777 for path in cache.rglob("*") if path.is_dir()] == [0o700]


def change(package: Path, module: str) -> None:
    with (package / "udfs" / module).open("a") as file:
        file.write("# changed\n")


def test_what_comes_to_a_changed_module_is_compiled_anew(package: Path, tmp_path: Path) -> None:
    first = run(package, tmp_path / "cache")
    change(package, "types.py")
    second = run(package, tmp_path / "cache")
    assert (second["hits"], second["misses"]) == (0, first["misses"])


def test_what_does_not_come_to_a_changed_module_is_not(package: Path, tmp_path: Path) -> None:
    first = run(package, tmp_path / "cache")
    change(package, "joining/chains.py")
    second = run(package, tmp_path / "cache")
    assert (second["hits"], second["misses"]) == (first["misses"], 0)


def test_a_digest_reaches_what_packages_hand_on() -> None:
    reached = kernel_cache.reached_by("udfs.joining.impressions")
    assert {"udfs.joining.chains", "udfs.jit", "udfs.types", "udfs.hashing.murmur3"} <= reached
    assert not any(name.startswith("udfs.stages") for name in reached)


@pytest.mark.parametrize("path", sorted(kernel_cache._CORE.rglob("*.py")), ids=lambda path: path.stem)
def test_imports_are_those_that_a_parser_finds(path: Path) -> None:
    parts = path.relative_to(kernel_cache._CORE.parent).with_suffix("").parts
    module = ".".join(parts).removesuffix(".__init__")
    found = {module.rpartition(".")[0]}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.update((str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)))
    assert kernel_cache._imports(module) == {name for name in found if kernel_cache._source(name)}


def test_damaged_files_are_compiled_anew(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = run(package, cache)
    kinds = ("cut", "flipped", "emptied")
    for i, path in enumerate(sorted(cache.rglob("*.kernel"))):
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        damaged: dict[str, bytes] = {"cut": bytes(data[:100]), "flipped": bytes(data), "emptied": b""}
        path.write_bytes(damaged[kinds[i % len(kinds)]])
    again = run(package, cache)
    assert (again["hits"], again["misses"], again["results"]) == (0, first["misses"], first["results"])
    assert run(package, cache)["misses"] == 0


def test_a_folder_that_cannot_be_made_fails_no_job(package: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = run(package, tmp_path / "file")
    assert (ran["hits"], ran["results"]) == (0, run(package, tmp_path / "cache")["results"])
    assert str(ran["log"]).count("Kernels are compiled at each start") == 1


def test_what_cannot_be_written_fails_no_job(package: Path, tmp_path: Path) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    ran = run(package, tmp_path / "cache", full)
    assert (ran["hits"], ran["results"]) == (0, run(package, tmp_path / "other")["results"])
    assert "is not kept" in str(ran["log"])
    left = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert [(path.name, path.stat().st_size) for path in left] == [("lock", 0)]


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert kernel_cache.why_not(folder) == ""
    assert folder.stat().st_mode & 0o777 == 0o700
    assert kernel_cache.why_not(folder) == ""


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
def test_a_folder_that_others_reach_is_not_used(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(mode)
    assert "mode 0700" in kernel_cache.why_not(folder)
    assert folder.stat().st_mode & 0o777 == mode


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    (tmp_path / "cache").symlink_to(tmp_path / "theirs")
    assert "mode 0700" in kernel_cache.why_not(tmp_path / "cache")


def test_a_folder_below_one_that_others_write_to_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert "others can write" in kernel_cache.why_not(tmp_path / "cache")
    tmp_path.chmod(0o1777)
    assert kernel_cache.why_not(tmp_path / "cache") == ""


def test_a_folder_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernel_cache.why_not(tmp_path / "cache") == ""
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert kernel_cache.why_not(tmp_path / "cache").endswith(("remove it", "a folder of your own"))


def test_a_user_without_a_home_has_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def no_home(self: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", no_home)
    assert kernel_cache.base_folder() is None
