"""Retention: which model files may go, and which files of the log."""

from __future__ import annotations

from udfs.releases import storage
from udfs.releases.history import History, by_model
from udfs.releases.manifest import Expiry, Manifest, Pin, Record, decode
from udfs.releases.registry import Registry


def expire(registry: Registry, keep: int, grace: float, now: float) -> list[str]:
    """Delete the model files that nobody needs, and say so in the log first; return their paths below the registry.

    What stays: the newest ``keep`` versions of each model that passed, the stable one, every version younger than the
    grace, and every file younger than the grace that no record names (yet).

    Args:
        registry: the registry.
        keep: how many versions that passed to keep for each model, at least 1.
        grace: seconds; longer than the longest outage after which a job still resumes, because a file written before
            it is named only after it.
        now: seconds since 1970.

    Raises:
        ReleaseError: a line of the log is no record; then nothing is deleted.
    """
    histories = registry.histories()
    kept: set[str] = set()
    for model, history in histories.items():
        needed = _needed(history, keep, int((now - grace) * 1e6))
        kept |= {history.manifests[version].path for version in needed}
        gone = tuple(version for version in history.manifests if version not in needed | history.expired)
        if gone:
            registry.append(Expiry(model=model, versions=gone, at=int(now * 1e6)))
    deleted = []
    for info in storage.files(registry.filesystem, f"{registry.root}/models"):
        below = info.path[len(registry.root) + 1 :]
        if below not in kept and info.mtime.timestamp() < now - grace:
            storage.delete(registry.filesystem, info.path)
            deleted.append(below)
    return deleted


def prune_log(registry: Registry, grace: float, now: float) -> list[str]:
    """Delete the files of the log that say nothing of a version that is kept; return their paths below the registry.

    A file goes when it is older than the grace and each of its records is done with: a release whose file has expired,
    a pin that a later one replaced, an expiry of releases that the log no longer names (so it goes a call after them).

    Args:
        registry: the registry.
        grace: seconds.
        now: seconds since 1970.

    Raises:
        ReleaseError: a line of the log is no record; then nothing is deleted.
    """
    records: dict[str, list[Record]] = {}
    for line in registry.lines():
        records.setdefault(line.place.rpartition(":")[0], []).append(decode(line.text))
    histories = by_model(record for several in records.values() for record in several)
    deleted = []
    for info in storage.files(registry.filesystem, f"{registry.root}/releases"):
        below = info.path[len(registry.root) + 1 :]
        found = records.get(below, ())
        old = info.mtime.timestamp() < now - grace
        if old and found and all(_done(record, histories[record.model]) for record in found):
            storage.delete(registry.filesystem, info.path)
            deleted.append(below)
    return deleted


def _done(record: Record, history: History) -> bool:
    if isinstance(record, Manifest):
        return record.version in history.expired and record != history.stable
    if isinstance(record, Pin):
        return record != history.pins[-1]
    return not any(version in history.manifests for version in record.versions)


def _needed(history: History, keep: int, youngest: int) -> set[str]:
    needed = {manifest.version for manifest in history.passed[-max(keep, 1) :]}
    needed |= {version for version, manifest in history.manifests.items() if manifest.ingest_time >= youngest}
    if history.stable is not None:
        needed.add(history.stable.version)
    return needed - history.expired
