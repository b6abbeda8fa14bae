"""Retention: which model files may go."""

from __future__ import annotations

from udfs.releases import storage
from udfs.releases.history import History
from udfs.releases.manifest import Expiry
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
            registry.filesystem.delete_file(info.path)
            deleted.append(below)
    return deleted


def _needed(history: History, keep: int, youngest: int) -> set[str]:
    needed = {manifest.version for manifest in history.passed[-max(keep, 1) :]}
    needed |= {version for version, manifest in history.manifests.items() if manifest.ingest_time >= youngest}
    if history.stable is not None:
        needed.add(history.stable.version)
    return needed - history.expired
