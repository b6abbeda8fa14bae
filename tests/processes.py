"""The processes of a run: its client leads a session, which the JVM and the workers are in too."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def of_session(leader: int) -> dict[int, str]:
    """Return the command line of every process of a session that is alive."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(session) == leader and state != "Z":
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def workers_of(leader: int) -> list[int]:
    """Return the pids of the Python workers of a session."""
    return [pid for pid, line in of_session(leader).items() if "beam_boot" in line and "bash" not in line]


def kill_session(leader: int) -> None:
    """Kill all of a session with SIGKILL."""
    for pid in of_session(leader):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
