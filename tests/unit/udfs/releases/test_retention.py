from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from udfs.errors import ReleaseError
from udfs.releases.manifest import Pin, Verdict
from udfs.releases.registry import Registry
from udfs.releases.retention import expire
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
