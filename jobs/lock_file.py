"""The lock file of a run's directory: two runs at once would mix their dead letters, versions and reports."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from udfs.errors import ConfigurationError

NAME: Final = "run.lock"


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the lock of a directory, which is made; the system lets go of it when the process ends, however it does.

    The file has the process id of the one who holds it, and stays: were it removed, two could hold locks of that name.

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
        yield
    finally:
        os.close(file)


def _lock(file: int, out: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(file, 0)
        os.pwrite(file, b"%d\n" % os.getpid(), 0)
    except BlockingIOError:
        # It has no number yet if the other one has begun just now.
        owner = os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
        what = f"Another run, process {owner}, writes to {out}"
        remedy = "Give another --out, or stop that run first: kill -TERM ends it with a savepoint"
        raise ConfigurationError(what, remedy) from None
    except OSError as error:
        raise _unusable(out, error) from None


def _unusable(out: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"--out, {out}, cannot be used ({error.strerror})", "Give a directory that can be made, written to and locked"
    )
