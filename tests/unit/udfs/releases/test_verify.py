from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from udfs.releases.manifest import Golden, Pin, Verdict, encode
from udfs.releases.registry import Registry
from udfs.releases.verify import verify


def problems(registry: Registry) -> list[tuple[str, str]]:
    return [(finding.version, finding.problem) for finding in verify(registry)]


def test_a_sound_registry_has_no_findings(registry: Registry, make: Any) -> None:
    make("1.1")
    make("1.2", seed=1, parent="1.1")
    make("1.3", verdict=Verdict(result="refused", reason="worse"), path="models/clicks/never-written.onnx")
    registry.append(Pin(model="clicks", version="1.1", at=1))
    assert verify(registry) == []


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.999])
def test_a_flipped_bit_is_found(registry: Registry, make: Any, place: float) -> None:
    manifest = make("1.1")
    data = bytearray(registry.read(manifest.path))
    data[int(place * len(data))] ^= 4
    registry.put(manifest.path, bytes(data))
    assert problems(registry) == [("1.1", "sha256")]


def test_a_missing_or_cut_file_is_found(registry: Registry, make: Any) -> None:
    gone, cut = make("1.1"), make("1.2", seed=1)
    Path(registry.root, gone.path).unlink()
    registry.put(cut.path, registry.read(cut.path)[:-10])
    assert problems(registry) == [("1.1", "missing"), ("1.2", "size"), ("1.2", "sha256")]


def test_wrong_golden_scores_are_found(registry: Registry, make: Any) -> None:
    good = make("1.1").golden
    wrong = Golden(row=good[3].row, score=(good[3].score or 0.0) + 0.01)
    make("1.2", golden=(*good[:3], wrong, *good[4:]))
    make("1.3", golden=(*good[:3], Golden(row=good[3].row, score=None)))
    make("1.4", golden=())
    assert problems(registry) == [("1.2", "golden"), ("1.3", "golden"), ("1.4", "golden")]


def test_a_version_with_two_contents_is_found(registry: Registry, make: Any) -> None:
    make("1.1")
    make("1.1", part="again")
    make("1.1", seed=1, part="other")
    messages = [finding.message for finding in verify(registry)]
    assert [message.rsplit(" ", 2)[1] for message in messages] == ["one", "two"]


def test_lines_that_are_no_records_are_found_with_their_place(registry: Registry, make: Any) -> None:
    manifest = make("1.1")
    unknown = msgspec.json.encode(msgspec.to_builtins(manifest) | {"secret": 1})
    registry.put("releases/part-9", encode(manifest).replace(b'"1.1"', b'"1"') + b"\n{}\n\xff\n" + unknown + b"\n")
    findings = verify(registry)
    assert [(f.place, f.problem) for f in findings] == [(f"releases/part-9:{i}", "schema") for i in (1, 2, 3, 4)]


def test_files_that_are_no_models_or_lie_outside_are_found(registry: Registry, make: Any) -> None:
    below = registry.put_model("clicks", b"no model")
    sha256 = below[-69:-5]
    make("1.1", path=below, sha256=sha256, size=8)
    make("1.2", path="../../outside")
    make("1.3", feature_digest="0" * 64)
    make("1.4", inputs=())
    registry.append(Pin(model="clicks", version="9.9", at=1))
    expected = [("1.1", "model"), ("1.2", "path"), ("1.3", "digest"), ("1.4", "model"), ("9.9", "pin")]
    assert problems(registry) == expected
