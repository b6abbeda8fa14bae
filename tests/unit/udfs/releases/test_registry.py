from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pyarrow import fs

from udfs.errors import ReleaseError
from udfs.releases.epochs import next_epoch
from udfs.releases.history import History
from udfs.releases.manifest import Expiry, Pin, Verdict, encode
from udfs.releases.registry import Registry


def remote(folder: Path) -> Registry:
    """Return a registry on a file system that is not known to be local."""
    folder.mkdir()
    return Registry(fs.SubTreeFileSystem(str(folder), fs.LocalFileSystem()), "shop")


def test_the_log_is_read_from_finished_files_in_any_nesting(registry: Registry, make: Any) -> None:
    make("1.2", part="2026-01-02--03/part-7")
    make("1.1", part="part-8")
    make("1.3", part="2026-01-02--03/.part-9.inprogress")
    make("1.4", part="_temporary/part-1")
    assert list(registry.histories()["clicks"].manifests) == ["1.1", "1.2"]
    assert registry.stable("clicks") == registry.histories()["clicks"].manifests["1.2"]
    assert registry.stable("unknown") is None


def test_stable_is_the_same_in_whatever_order_records_are_read(make: Any) -> None:
    late = make("1.9", ingest_time=99)  # an older epoch that still writes
    records = [
        make("1.8"),
        make("2.9"),
        make("2.10"),
        make("2.11", verdict=Verdict(result="refused", reason="x")),
        late,
    ]
    for order in permutations(records):
        stable = History(order).stable
        assert stable is not None
        assert stable.version == "2.10"


def test_the_latest_pin_decides_until_it_is_lifted(registry: Registry, make: Any) -> None:
    make("1.1")
    make("1.2", seed=1)
    make("1.3", verdict=Verdict(result="refused", reason="x"))

    def stable() -> str:
        manifest = registry.stable("clicks")
        assert manifest is not None
        return manifest.version

    registry.append(Pin(model="clicks", version="1.1", at=10, reason="rolled back"))
    assert stable() == "1.1"
    registry.append(Pin(model="clicks", version=None, at=5))
    assert stable() == "1.1"
    registry.append(Pin(model="clicks", version="1.3", at=20))
    assert stable() == "1.2"  # what was refused is not served
    registry.append(Pin(model="clicks", version="1.1", at=30))
    registry.append(Expiry(model="clicks", versions=("1.1",), at=31))
    assert stable() == "1.2"
    registry.append(Pin(model="clicks", version=None, at=40))
    assert stable() == "1.2"


def test_model_files_are_content_addressed_and_leave_no_temporary_files(registry: Registry) -> None:
    first, again, other = (registry.put_model("clicks", data) for data in (b"one", b"one", b"two"))
    assert first == again != other
    assert registry.read(first) == b"one"
    assert (
        len(list(Path(registry.root).rglob("*.onnx")))
        == len([p for p in Path(registry.root).rglob("*") if p.is_file()])
        == 2
    )


def test_an_entry_added_twice_stands_there_once(registry: Registry) -> None:
    for _ in range(2):
        registry.append(Pin(model="clicks", version="1.1", at=1))
    assert [line.text for line in registry.lines()] == [encode(Pin(model="clicks", version="1.1", at=1))]


def test_a_changed_file_is_not_loaded(registry: Registry, make: Any) -> None:
    manifest = make("1.1")
    data = registry.load(manifest)
    registry.put(manifest.path, data[:-1] + b"?")
    with pytest.raises(ReleaseError, match=r"clicks 1\.1 was changed"):
        registry.load(manifest)


@pytest.mark.parametrize("path", ["/etc/hosts", "../outside", "models/../../outside"])
def test_paths_stay_inside(registry: Registry, path: str) -> None:
    with pytest.raises(ReleaseError, match="leads out"):
        registry.read(path)


def test_names_that_are_no_folders_are_refused(registry: Registry) -> None:
    with pytest.raises(ReleaseError, match="cannot name a folder"):
        registry.put_model("../x", b"")


def test_a_uri_and_a_path_open_the_same_registry(tmp_path: Path) -> None:
    Registry.open(str(tmp_path)).put_model("clicks", b"one")
    by_uri = Registry.open(f"file://{tmp_path}/")
    assert by_uri.read(by_uri.put_model("clicks", b"one")) == b"one"
    assert by_uri.root == str(tmp_path)


def test_a_remote_registry_works_alike(tmp_path: Path, make: Any) -> None:
    other = remote(tmp_path / "remote")
    manifest = make("1.1")
    other.put("releases/part-0", encode(manifest) + b"\n")
    assert other.stable("clicks") == manifest
    assert [next_epoch(other) for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("local", [True, False])
def test_no_epoch_is_given_twice(tmp_path: Path, local: bool) -> None:
    registry = Registry.open(str(tmp_path)) if local else remote(tmp_path / "remote")
    with ThreadPoolExecutor(4) as pool:
        epochs = list(pool.map(lambda _: next_epoch(registry), range(12)))
    assert len(set(epochs)) == 12
    assert next_epoch(registry) > max(epochs)
