"""Retention, enforced: old model versions and what the log says of them, dead letters, reports."""

from __future__ import annotations

import sys
from typing import Any, Final

import msgspec
from pyarrow import fs

from jobs.config.configuration import Configuration
from jobs.monitor.documents import Counts, ItemCounts, Learning
from udfs.errors import HeadraceError
from udfs.locations import opened
from udfs.releases import storage
from udfs.releases.registry import Registry
from udfs.releases.retention import expire, prune_log

EVERY: Final = 600.0
"""Seconds between two looks while a job runs: a look reads the release log and lists the folders."""

MOST: Final = 1_000
"""The most dead letter and report files that one look deletes of each, so that the job is watched meanwhile."""

_DOCUMENTS: Final[dict[str, type[Counts | ItemCounts | Learning]]] = {
    "user": Counts,
    "item": ItemCounts,
    "train": Learning,
}


class Retention:
    """What ``retention`` of one configuration says, for its directories.

    Names that begin with ``.`` or ``_`` are unfinished and stay. Times are handed in, seconds since 1970.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._rules = configuration.retention
        self._registry = str(configuration.sinks.registry)
        self._folder = configuration.sinks.dir
        self._next = 0.0

    def due(self, now: float) -> list[str]:
        """Enforce it if the last time is long enough ago; what goes wrong is told on stderr and ends no job."""
        if now < self._next:
            return []
        self._next = now + EVERY
        try:
            return self.enforce(now, MOST)
        except (HeadraceError, OSError) as error:
            print(f"retention: {error}", file=sys.stderr)
            return []

    def enforce(self, now: float, most: int | None = None) -> list[str]:
        """Delete what may go, at most so many dead letter and report files; return the paths.

        Raises:
            ReleaseError: a line of the release log is no record; then nothing is deleted.
        """
        registry = Registry.open(self._registry)
        grace = self._rules.grace / 1e6
        gone = expire(registry, self._rules.versions, grace, now) + prune_log(registry, grace, now)
        deleted = [registry.path(below) for below in gone]
        if self._folder is not None:
            filesystem, folder = opened(self._folder)
            letters = _older(filesystem, f"{folder}/dead_letters", now - self._rules.dead_letters / 1e6)
            reports = _older(filesystem, f"{folder}/reports", now - self._rules.reports / 1e6)
            for path in [*letters[:most], *_replaced(filesystem, reports)[:most]]:
                storage.delete(filesystem, path)
                deleted.append(path)
        return deleted


def _older(filesystem: fs.FileSystem, folder: str, than: float) -> list[str]:
    """Return the finished files that were written before a time, oldest first."""
    found = [
        (info.mtime.timestamp(), str(info.path))
        for info in storage.files(filesystem, folder)
        if not any(part.startswith((".", "_")) for part in info.path[len(folder) + 1 :].split("/"))
    ]
    return [path for written, path in sorted(found) if written < than]


def _replaced(filesystem: fs.FileSystem, reports: list[str]) -> list[str]:
    """Return the report files of which every document has a newer one of its key in another file of these.

    Where all of these are older than the newest reports, the newest of each key among them stays needlessly; nothing
    else has to be read then. A file with a line that is no such document stays.
    """
    newest: dict[Any, tuple[tuple[int, ...], str]] = {}
    for path in reports:
        for key, order in _documents(filesystem, path):
            if key not in newest or order >= newest[key][0]:
                newest[key] = order, path
    kept = {path for _, path in newest.values()}
    return [path for path in reports if path not in kept]


def _documents(filesystem: fs.FileSystem, path: str) -> list[tuple[Any, tuple[int, ...]]]:
    """Return the key and the order of every document of a file; the file itself is a key where a line is none."""
    found = []
    try:
        for line in storage.read(filesystem, path).splitlines():
            document = msgspec.json.decode(line, type=dict[str, Any])
            stage = document["stage"]
            kind = _DOCUMENTS.get(stage)
            order = (
                msgspec.convert(document, kind).order if kind else (document.get("epoch", 0), document.get("now", 0))
            )
            found.append(((stage, document.get("model"), document["key"]), order))
    except FileNotFoundError:
        return []
    except (msgspec.MsgspecError, KeyError):
        return [(path, ())]
    return found
