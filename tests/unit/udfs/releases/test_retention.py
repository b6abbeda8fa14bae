from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from udfs.errors import ReleaseError
from udfs.releases.manifest import Expiry, Pin, Verdict, encode
from udfs.releases.registry import Registry
from udfs.releases.retention import expire, prune_log
from udfs.releases.verify import verify

NOW = 2_000_000_000.0
HOUR = 3600.0
OLD = int((NOW - 2 * HOUR) * 1e6)
YOUNG = int((NOW - 60) * 1e6)


def age(registry: Registry, seconds: float) -> None:
    for path in Path(registry.root, "models").rglob("*"):
        os.utime(path, (NOW - seconds, NOW - seconds))


def test_the_newest_stable_and_young_versions_stay(registry: Registry, make: Any) -> None:
    manifests = {f"1.{n}": make(f"1.{n}", seed=n, ingest_time=YOUNG if n == 2 else OLD) for n in range(1, 7)}
    refused = make("1.7", seed=7, ingest_time=OLD, verdict=Verdict(result="refused", reason="worse"))
    registry.append(Pin(model="clicks", version="1.1", at=1))
    age(registry, 2 * HOUR)
    deleted = expire(registry, keep=2, grace=HOUR, now=NOW)
    assert sorted(deleted) == sorted([manifests["1.3"].path, manifests["1.4"].path, refused.path])
    assert registry.histories()["clicks"].expired == {"1.3", "1.4", "1.7"}
    assert verify(registry) == []
    assert expire(registry, keep=2, grace=HOUR, now=NOW) == []


def test_files_without_a_record_go_after_the_grace(registry: Registry, make: Any) -> None:
    make("1.1", ingest_time=OLD)
    orphan = registry.put_model("clicks", b"from a checkpoint that never completed")
    registry.put("models/clicks/.tmp-1", b"from a crash")
    age(registry, 0.5 * HOUR)
    assert expire(registry, keep=1, grace=HOUR, now=NOW) == []
    assert sorted(expire(registry, keep=1, grace=HOUR, now=NOW + HOUR)) == ["models/clicks/.tmp-1", orphan]
    assert verify(registry) == []


def test_a_file_that_a_kept_version_shares_stays(registry: Registry, make: Any) -> None:
    same = {make(f"1.{n}", seed=0, ingest_time=OLD).path for n in range(1, 4)}
    age(registry, 2 * HOUR)
    assert len(same) == 1
    assert expire(registry, keep=1, grace=HOUR, now=NOW) == []
    assert registry.histories()["clicks"].expired == {"1.1", "1.2"}


def test_nothing_goes_from_a_registry_that_cannot_be_read(registry: Registry, make: Any) -> None:
    make("1.1", ingest_time=OLD)
    registry.put("releases/part-9", b"damaged\n")
    age(registry, 2 * HOUR)
    with pytest.raises(ReleaseError, match="no record"):
        expire(registry, keep=1, grace=HOUR, now=NOW)
    assert len(list(Path(registry.root, "models").rglob("*.onnx"))) == 1


def age_log(registry: Registry, seconds: float) -> None:
    for path in Path(registry.root, "releases").rglob("*"):
        os.utime(path, (NOW - seconds, NOW - seconds))


def test_the_log_keeps_what_names_a_kept_version(registry: Registry, make: Any) -> None:
    for n in range(1, 7):
        make(f"1.{n}", seed=n, ingest_time=OLD)
    registry.append(Pin(model="clicks", version="1.2", at=1))
    registry.append(Pin(model="clicks", version="1.3", at=2))
    age(registry, 2 * HOUR)
    expire(registry, keep=2, grace=HOUR, now=NOW)
    age_log(registry, 60)
    assert prune_log(registry, grace=HOUR, now=NOW) == []
    age_log(registry, 2 * HOUR)
    gone = prune_log(registry, grace=HOUR, now=NOW)
    assert [below for below in gone if "part" in below] == [f"releases/2026-01-01--00/part-1.{n}-0" for n in (1, 2, 4)]
    assert len(gone) == 4
    history = registry.histories()["clicks"]
    assert list(history.manifests) == ["1.3", "1.5", "1.6"]
    assert (history.stable and history.stable.version, len(history.pins)) == ("1.3", 1)
    assert verify(registry) == []
    assert len(prune_log(registry, grace=HOUR, now=NOW)) == 1
    assert prune_log(registry, grace=HOUR, now=NOW) == []
    assert registry.histories()["clicks"].expired == set()


def test_a_file_of_the_log_stays_whole(registry: Registry, make: Any) -> None:
    old, kept = make("1.1", ingest_time=OLD), make("1.2", seed=1, ingest_time=OLD)
    for n in (1, 2):
        Path(registry.root, f"releases/2026-01-01--00/part-1.{n}-0").unlink()
    registry.put("releases/part-both", encode(old) + b"\n" + encode(kept) + b"\n")
    registry.put("releases/.part-open", encode(old) + b"\n")
    age(registry, 2 * HOUR)
    expire(registry, keep=1, grace=HOUR, now=NOW)
    age_log(registry, 2 * HOUR)
    assert prune_log(registry, grace=HOUR, now=NOW) == []
    assert Path(registry.root, "releases/.part-open").exists()
    assert registry.histories()["clicks"].expired == {"1.1"}


def test_an_expiry_stays_as_long_as_its_release_is_named(registry: Registry, make: Any) -> None:
    manifest = make("1.1", ingest_time=OLD)
    make("1.2", seed=1, ingest_time=OLD)
    registry.append(Expiry(model="clicks", versions=("1.1",), at=1))
    Path(registry.root, manifest.path).unlink()
    age_log(registry, 2 * HOUR)
    os.utime(Path(registry.root, "releases/2026-01-01--00/part-1.1-0"), (NOW, NOW))
    assert prune_log(registry, grace=HOUR, now=NOW) == []
    assert verify(registry) == []


def test_nothing_goes_from_a_log_that_cannot_be_read(registry: Registry, make: Any) -> None:
    make("1.1", ingest_time=OLD, verdict=Verdict(result="refused", reason="worse"))
    registry.put("releases/part-9", b"damaged\n")
    age_log(registry, 2 * HOUR)
    with pytest.raises(ReleaseError, match="no record"):
        prune_log(registry, grace=HOUR, now=NOW)
    assert len(list(registry.lines())) == 2
