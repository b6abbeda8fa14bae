"""The truth of a run, read from what it committed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from udfs.releases.registry import Registry
from udfs.releases.verify import verify


@dataclass(frozen=True)
class Verdict:
    """What must not depend on faults.

    Attributes:
        counts: read, accepted and duplicates, rejected by reason, and anomalous by rule.
        checksum: over the ids of all accepted events.
        examples: what the model has learned.
        dead_letters: reason and source of each; nothing stands there twice unless it was sent twice.
        released: the model's example count at each release.
    """

    counts: dict[str, int]
    checksum: int
    examples: int
    dead_letters: Counter[tuple[str, str]]
    released: list[int]


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the committed documents of a directory."""
    for path in sorted(folder.rglob("*.ndjson")) if folder.exists() else ():
        if not path.name.startswith((".", "_")):
            for line in path.read_text().splitlines():
                yield json.loads(line)


def newest_reports(out: Path, epoch: int | None = None) -> dict[tuple[str, int], dict[str, Any]]:
    """Return of each bucket and model the document that counted most in an epoch, by default in its last."""
    newest: dict[tuple[str, int], dict[str, Any]] = {}
    for document in documents(out / "reports"):
        if epoch is not None and document["epoch"] != epoch:
            continue
        name = (document["stage"], document["key"])
        if name not in newest or _order(document) >= _order(newest[name]):
            newest[name] = document
    return newest


def _order(document: dict[str, Any]) -> tuple[int, int]:
    return document["epoch"], document.get("read", document.get("examples", 0))


def read_events(out: Path, epoch: int | None = None) -> int:
    """Return how many events the committed reports have read."""
    return sum(report.get("read", 0) for report in newest_reports(out, epoch).values())


def learned(out: Path, epoch: int | None = None) -> int:
    """Return how many examples the committed reports have learned."""
    return sum(report.get("examples", 0) for report in newest_reports(out, epoch).values())


def verdict(out: Path) -> Verdict:
    """Return the truth of a run, and hold its registry to what every registry must keep."""
    counts: Counter[str] = Counter()
    checksum = examples = 0
    for (stage, _), report in newest_reports(out).items():
        if stage == "user":
            counts.update({name: report[name] for name in ("read", "accepted", "duplicates")})
            counts.update({f"rejected.{reason}": n for reason, n in report["rejected"].items()})
            counts.update({f"anomalous.{rule}": n for rule, n in report["anomalous"].items()})
            checksum += int(report["checksum"], 16)
        elif stage == "train":
            examples += report["examples"]
    gone = sum(n for name, n in counts.items() if name.startswith(("rejected.", "anomalous.")))
    assert counts["read"] == counts["accepted"] + counts["duplicates"] + gone
    letters = Counter(
        (letter["reason"], json.dumps(letter["source"], sort_keys=True, ensure_ascii=False))
        for letter in documents(out / "dead_letters")
    )
    return Verdict(dict(counts), checksum % 2**64, examples, letters, releases(out))


def releases(out: Path) -> list[int]:
    """Return the example counts of the releases, oldest first; every one is there, whole and named once."""
    registry = Registry.open(str(out / "registry"))
    lines = [json.loads(line.text) for line in registry.lines()]
    versions = Counter(line["version"] for line in lines)
    assert [version for version, times in versions.items() if times > 1] == []
    assert verify(registry) == []
    history = registry.histories()["ctr"]
    for manifest in history.passed:
        file = out / "registry" / manifest.path
        assert hashlib.sha256(file.read_bytes()).hexdigest() == manifest.sha256
    assert history.passed == list(history.manifests.values())
    return [manifest.examples for manifest in history.passed]
