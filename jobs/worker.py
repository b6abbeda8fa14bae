"""What a Python worker needs to know about its work: large arrays come and go all the time."""

from __future__ import annotations

import ctypes
import gc
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_KEPT = 32 << 20
"""The most that glibc allows."""
_KEPT = 48 << 20


def prepare_worker() -> None:
    """Let freed memory be used again, and leave what was imported out of collections; called in every ``open``.

    Without it glibc gives each array above 128 KiB back to the kernel and gets it again page by page: reading from
    Kafka alone took two to three times the CPU. Other C libraries are left as they are. What was imported lives for
    ever, and full collections would walk it again and again (3 % of a worker).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
    gc.freeze()


def tell(what: str) -> None:
    """Say a line on stderr, which goes to the log in a worker; ``print`` there is PyFlink's, and knows no ``flush``."""
    sys.stderr.write(what)
    sys.stderr.write("\n")
    sys.stderr.flush()
