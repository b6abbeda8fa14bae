"""The cluster inside the client's JVM that ``headrace run`` starts for its job."""

from __future__ import annotations

from typing import Any

from jobs.failures import Interruption, cause_of

_PATIENCE = 8
"""Looks in a row that must find no task manager: it registers a moment after the cluster has started."""


class LocalCluster:
    """Watches whether the task manager lives.

    A worker that is killed can take it along: as the tasks close, Beam counts a reference to what they share below
    zero, which Flink takes for a fatal error. Nobody brings the one local task manager back, and the job would wait for
    slots in vain. The fields used here are private API of apache-flink 2.3.0; a test on a cluster covers them.
    """

    def __init__(self, client: Any) -> None:
        """Take the client of the job that the cluster was started for."""
        kept = client._j_job_client.getClass().getDeclaredField("miniCluster")
        kept.setAccessible(True)
        self._cluster = kept.get(client._j_job_client)
        self._job = client._j_job_client.getJobID()
        self._seen = False
        self._missed = 0
        self._failed_at = 0

    def new_failure(self) -> str | None:
        """Return why the job last failed, if it did since the last call: it starts again by itself, for a while."""
        from py4j.protocol import Py4JError

        try:
            info = self._cluster.getExecutionGraph(self._job).get().getFailureInfo()
            if info is None or info.getTimestamp() <= self._failed_at:
                return None
            self._failed_at = info.getTimestamp()
            return cause_of(str(info.getExceptionAsString()))
        except Py4JError:
            # It is about to end, as its job has.
            return None

    def check(self) -> None:
        """Close the cluster if its task manager is gone.

        Raises:
            Interruption: it is.
        """
        from py4j.protocol import Py4JJavaError

        try:
            overview = self._cluster.requestClusterOverview().get()
        except Py4JJavaError:
            # It is about to end, as its job has.
            return
        present = int(overview.getNumTaskManagersConnected()) > 0
        self._seen |= present
        self._missed = 0 if present or not self._seen else self._missed + 1
        if self._missed >= _PATIENCE:
            self._cluster.close()
            raise Interruption("The local task manager is gone: it ended with a worker that was killed.")
