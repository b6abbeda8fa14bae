"""``headrace run``: starts the job on this machine, watches it, stops it with a savepoint, reports."""

from __future__ import annotations

import logging
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from jobs.config.configuration import Configuration
from jobs.earlier_run import notice
from jobs.environment import create, log_into
from jobs.failures import Interruption, JobError, cause_of
from jobs.lock_file import locked
from jobs.options import flink_uri
from jobs.recorded_plan import record
from jobs.retention import Retention
from jobs.savepoints import advice, newest, newest_since, resume_path
from udfs.errors import ConfigurationError
from udfs.locations import local_path
from udfs.releases.epochs import next_epoch
from udfs.releases.registry import Registry
from udfs.schema import Plan

if TYPE_CHECKING:
    from jobs.local_cluster import LocalCluster
    from jobs.reader.reader import Source

POLL_SECONDS = 0.25
_STOPPING = "StopWithSavepointStoppingException"


@dataclass(frozen=True)
class RunOptions:
    """What the command line adds to a configuration.

    Attributes:
        input: a directory or file to read in place of ``source.files.path``.
        bounded: end by itself at the end of the input.
        out: the directory of the run.
        resume: go on from the newest savepoint or checkpoint, or from this one.
        json: one JSON document a line instead of a table.
        parallelism: in place of ``runtime.parallelism``.
        truth: the folder with the truth of a simulated input, whose best possible AUC and changes of tastes are shown.
    """

    out: Path
    input: Path | None = None
    bounded: bool = False
    resume: bool | Path = False
    json: bool = False
    parallelism: int | None = None
    truth: Path | None = None


class Run:
    """One run."""

    def __init__(self, configuration: Configuration, options: RunOptions) -> None:
        self._options = options
        self._configuration = configuration.under(options.out)
        self._folder = _local(str(self._configuration.checkpointing.dir))
        self._savepoints = flink_uri(f"{self._states()}/savepoints")
        self._stop: int | None = None
        self._began = time.time_ns()
        self._read: Source | None = None
        self._refusal = ""
        self._client: Any = None
        self._log = options.out / "log"
        self._told = 0.0
        self._lock: int | None = None

    def execute(self, lock: int) -> int:
        """Run to the end, by a JVM that holds the descriptor of the directory's lock too; return the exit code."""
        self._lock = lock
        started = time.monotonic()
        self._log = log_into(self._options.out / "log")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        recovery = resume_path(self._options.resume, self._states())
        if recovery is None and (told := notice(self._configuration, newest(self._states()) is not None)):
            print(told, file=sys.stderr)
        for _ in range(self._configuration.runtime.restarts + 1):
            plan = self._plan(recovery)
            cluster = self._start(plan, recovery)
            watch = self._watch(plan)
            try:
                self._wait(watch, cluster)
            except Interruption as interruption:
                recovery = newest_since(self._states(), self._began) or recovery
                print(f"{interruption} Going on from {recovery or 'the beginning'}", file=sys.stderr)
                continue
            finally:
                watch.close()
            watch.report(time.monotonic() - started)
            return 0
        raise JobError("The job was interrupted again and again", f"See {self._log}; {self.how_to_go_on()}")

    def how_to_go_on(self) -> str:
        """Return how to go on after a failure; from what an earlier run left only if this one did, too."""
        return advice(self._options.resume is True or newest_since(self._states(), self._began) is not None)

    def _plan(self, recovery: str | None) -> Plan:
        buckets, parallelism = self._configuration.runtime.buckets, self._options.parallelism
        if parallelism is not None and parallelism > buckets:
            raise ConfigurationError(
                f"--parallelism is {parallelism}", f"At most runtime.buckets, {buckets}, is allowed"
            )
        registry = Registry.open(str(self._configuration.sinks.registry))
        plan = self._configuration.plan(next_epoch(registry), self._options.bounded)
        record(plan, str(self._folder), resumes=recovery is not None)
        return plan

    def _states(self) -> str:
        """Return the directory below which savepoints and checkpoints lie."""
        beside = self._folder.parent == self._options.out.resolve()
        return str(self._folder.parent if beside else self._folder)

    def _start(self, plan: Plan, recovery: str | None) -> LocalCluster:
        extra = {"execution.state-recovery.path": recovery} if recovery else {}
        from py4j.protocol import Py4JJavaError

        from jobs.local_cluster import LocalCluster
        from jobs.topology import build, start

        source = self._source(anew=recovery is None)
        environment = create(self._configuration, extra, self._options.parallelism, held=self._lock)
        build(environment, self._configuration, plan, source)
        try:
            self._client = start(environment, self._configuration.name, plan.buckets)
        except Py4JJavaError as error:
            raise JobError(f"The job does not start: {cause_of(str(error))}", f"See {self._log}") from None
        return LocalCluster(self._client)

    def _source(self, anew: bool) -> Source:
        """Return the source; what is there at the first start is what a bounded run reads."""
        from jobs.reader.make import check_brokers, make_source

        if self._read is None:
            self._read = make_source(self._configuration, self._options.input, self._options.bounded, anew)
            source = self._configuration.source
            # The end of a bounded input, and the switch behind an archive, were asked for just now.
            if anew and source.kafka is not None and source.files is None and not self._options.bounded:
                check_brokers(source.kafka)
        return self._read

    def _watch(self, plan: Plan) -> Any:
        from jobs.watch import Watch

        return Watch(self._configuration, self._options, plan)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stop is not None:
            # Py4J logs a trace of the call that this interrupts.
            logging.disable()
            raise KeyboardInterrupt
        self._stop = number

    def _wait(self, watch: Any, cluster: LocalCluster) -> None:
        result = self._client._j_job_client.getJobExecutionResult()
        retention = Retention(self._configuration)
        while not result.isDone():
            watch.update()
            wanted = (self._stop is not None or watch.ended) and self._status() == "RUNNING"
            if wanted and self._savepoint():
                return
            cluster.check()
            self._tell(cluster)
            retention.due(time.time())
            time.sleep(POLL_SECONDS)
        if result.isCompletedExceptionally():
            trace = self._failure(result)
            if _STOPPING in trace:
                # The savepoint is whole; what it holds to be committed is, once a job has started from it.
                raise Interruption("The job failed while it stopped, after its savepoint was complete.")
            raise JobError(f"The job failed: {cause_of(trace)}", f"See {self._log}; {self.how_to_go_on()}")

    def _tell(self, cluster: LocalCluster) -> None:
        """Say once a second why the job failed and starts again, if it did."""
        if time.monotonic() >= self._told + 1:
            self._told = time.monotonic()
            if (cause := cluster.new_failure()) is not None:
                print(f"the job failed and starts again: {cause} (see {self._log})", file=sys.stderr)

    def _status(self) -> str:
        """Return the job's status; the local cluster is gone as soon as the job has ended."""
        try:
            return str(self._client.get_job_status().result().name)
        except Exception:
            return "GONE"

    @staticmethod
    def _failure(result: Any) -> str:
        """Return the stack trace of what ended the job."""
        try:
            result.get()
        except Exception as error:
            return str(error)
        return ""

    def _savepoint(self) -> bool:
        """Stop the job; return False where its tasks do not all run, as just after a start, or just before the end."""
        from py4j.protocol import Py4JJavaError
        from pyflink.java_gateway import get_gateway

        formats = get_gateway().jvm.org.apache.flink.core.execution.SavepointFormatType
        try:
            path = self._client._j_job_client.stopWithSavepoint(False, self._savepoints, formats.CANONICAL).get()
        except Py4JJavaError as error:
            reason = cause_of(str(error))
            if reason != self._refusal and _STOPPING not in str(error):
                print(f"no savepoint yet: {reason}", file=sys.stderr)
            self._refusal = reason
            return False
        print(f"stopped with savepoint {str(path).removeprefix('file:')}", file=sys.stderr)
        return True


def _local(checkpoints: str) -> Path:
    if (path := local_path(checkpoints)) is None:
        what = f"checkpointing.dir, {checkpoints}, is not on this machine, but the job is"
        raise ConfigurationError(what, "Give a directory, or run the job on a cluster with headrace submit")
    return path


def run(configuration: Configuration, options: RunOptions) -> int:
    """Run a job on this machine until it is stopped or its input ends; return the exit code.

    Raises:
        ConfigurationError: found before anything starts; or another run has the directory.
        JobError: the job failed for good.
    """
    started = Run(configuration, options)
    with locked(options.out) as lock:
        try:
            return started.execute(lock)
        except KeyboardInterrupt:
            print(f"interrupted before a savepoint was complete; {started.how_to_go_on()}", file=sys.stderr)
            raise
