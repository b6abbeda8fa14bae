"""How a run on this machine can fail."""

from __future__ import annotations

from udfs.errors import HeadraceError


class JobError(HeadraceError):
    """The job failed for good."""


class LostCluster(Exception):
    """The local cluster has no task manager any more; the job can go on in a new one."""
