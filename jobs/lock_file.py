"""The lock file of a run's directory: two runs at once would mix their dead letters, versions and reports."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from udfs.errors import ConfigurationError

NAME: Final = "run.lock"
PATIENCE: Final = 30.0
"""Seconds that what a killed run left behind is given to end."""
_PAUSE: Final = 0.1


@contextmanager
def locked(out: Path) -> Iterator[int]:
    """Hold the lock of a directory, which is made; the system lets go of it when the process ends, however it does.

    A process that is given the descriptor holds it too, until it ends itself. Where the one who took the lock is gone,
    those are waited for. The file has the process id of the one who took it, and stays: were it removed, two could hold
    locks of that name.

    Yields:
        The descriptor of the lock.

    Raises:
        ConfigurationError: another run has it, or the directory cannot be made, written to or locked.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        file = os.open(out / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unusable(out, error) from None
    try:
        _lock(file, out)
        yield file
    finally:
        os.close(file)


def _lock(file: int, out: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    try:
        while not _taken(file):
            # It has no number yet if the other one has begun just now.
            owner = os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
            if not _gone(owner):
                what = f"Another run, process {owner}, writes to {out}"
                remedy = "Give another --out, or stop that run first: kill -TERM ends it with a savepoint"
                raise ConfigurationError(what, remedy)
            if time.monotonic() >= deadline:
                what = f"What a run left behind, process {owner}, still writes to {out} after {PATIENCE:.0f} s"
                raise ConfigurationError(what, "End its JVM: `fuser` on run.lock there names it")
            time.sleep(_PAUSE)
        os.ftruncate(file, 0)
        os.pwrite(file, b"%d\n" % os.getpid(), 0)
    except OSError as error:
        raise _unusable(out, error) from None


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _gone(owner: str) -> bool:
    """Return whether a process is known to have ended."""
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return False


def _unusable(out: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"--out, {out}, cannot be used ({error.strerror})", "Give a directory that can be made, written to and locked"
    )
