"""How a run on this machine can fail."""

from __future__ import annotations

from udfs.errors import HeadraceError

_LONGEST = 500


class JobError(HeadraceError):
    """The job failed for good."""


class Interruption(Exception):
    """The job ended before its time, and can go on from its newest savepoint or checkpoint in a new cluster."""


def cause_of(trace: str) -> str:
    """Return what a Java stack trace says last that is not where: Python's own error, or the innermost cause."""
    lines = [line.strip() for line in trace.splitlines() if line and not line.startswith(("\t", "    "))]
    python = [line for line in lines if line.partition(":")[0].rpartition(".")[2].endswith(("Error", "Exception"))]
    plain = [line for line in python if not line.startswith(("Caused by", "org.", "java."))]
    causes = [line for line in lines if line.startswith("Caused by")]
    return next(reversed(plain or causes or lines), "no cause is known").strip()[:_LONGEST]
