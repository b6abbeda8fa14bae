"""Savepoints and retained checkpoints of a run: where they are, which is the newest."""

from __future__ import annotations

from pathlib import Path

from jobs.options import flink_uri
from udfs.errors import ConfigurationError
from udfs.locations import local_path


def newest(folder: str) -> Path | None:
    """Return the newest completed savepoint or checkpoint below a local directory, or None.

    One is complete when its ``_metadata`` is there; that file is written last.
    """
    found = sorted(Path(folder).glob("**/_metadata"), key=lambda path: path.stat().st_mtime_ns)
    return found[-1].parent if found else None


def newest_since(folder: str, moment: int) -> str | None:
    """Return the URI of the newest one that was completed after a moment, nanoseconds since 1970, or None."""
    path = newest(folder)
    if path is None or (path / "_metadata").stat().st_mtime_ns < moment:
        return None
    return flink_uri(str(path))


def resume_path(resume: bool | Path, folder: str) -> str | None:
    """Return the URI to go on from: the given one, the newest below ``folder``, or None to start anew.

    Raises:
        ConfigurationError: the given one is not complete, or there is none to go on from.
    """
    if resume is False:
        return None
    path = newest(folder) if resume is True else local_path(str(resume))
    if path is None:
        raise ConfigurationError(f"There is no savepoint or checkpoint below {folder}", "Start without --resume")
    if not (path / "_metadata").exists():
        raise ConfigurationError(
            f"{path} is no complete savepoint or checkpoint", "Give the folder that holds _metadata"
        )
    return flink_uri(str(path))


def advice(resumable: bool) -> str:
    """Return how to go on after a failure."""
    if resumable:
        return "--resume goes on from the newest checkpoint"
    return "no checkpoint is complete yet: start again without --resume"
