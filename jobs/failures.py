"""How a run on this machine can fail."""

from __future__ import annotations

from udfs.errors import HeadraceError


class JobError(HeadraceError):
    """The job failed for good."""


class Interruption(Exception):
    """The job ended before its time, and can go on from its newest savepoint or checkpoint in a new cluster."""
