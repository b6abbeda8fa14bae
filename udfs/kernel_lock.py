"""Locks between processes: who wants a kernel that another one compiles waits for it instead of compiling it too.

A kernel is a byte of one file, locked with ``fcntl``: such a lock ends with its process, however that dies, and works
between machines that share a home if their file system has locks. Callers are locked before what they call, and no
kernel calls its caller, so two processes never wait for each other.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import time
from pathlib import Path
from typing import Final

NAME: Final = "lock"
LONGEST: Final = 300.0
"""Seconds that a process waits for another one: the slowest kernel takes a minute of a core with all that it calls."""
_POLL: Final = 0.05
_log = logging.getLogger(__name__)


class KernelLock:
    """The locks of one folder, for this process.

    Whatever goes wrong here costs the time to compile, nothing else. A process that has waited in vain waits no more.
    """

    def __init__(self, folder: Path, longest: float = LONGEST) -> None:
        """Keep what is needed; ``longest`` is how many seconds to wait for another process."""
        self._path, self._longest = folder / NAME, longest
        self._file: int | None = None
        self._waits = True

    def acquire(self, kernel: int) -> None:
        """Lock a kernel, an integer below 2^62, once no other process has it."""
        start = time.monotonic()
        while self._waits and not self._locked(kernel):
            if time.monotonic() - start > self._longest:
                self._give_up(f"another process has been compiling for {self._longest:.0f} s")
            time.sleep(_POLL)

    def release(self, kernel: int) -> None:
        """Let others have a kernel."""
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, kernel)

    def _locked(self, kernel: int) -> bool:
        """Lock a kernel if no other process has it; return False if one has."""
        try:
            if self._file is None:
                # It stays open: closing any descriptor of a file lets go of every lock that the process has in it.
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, kernel)
        except OSError as error:
            if self._file is not None and error.errno in (errno.EACCES, errno.EAGAIN):
                return False
            self._give_up(repr(error))
        return True

    def _give_up(self, reason: str) -> None:
        self._waits = False
        _log.warning("Kernels may be compiled by several processes at once: %s", reason)
