"""``headrace run``: starts the job on this machine, watches it, stops it with a savepoint, reports."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from jobs.config.configuration import Configuration
from jobs.kafka_offsets import end_offsets
from jobs.recorded_plan import record
from jobs.savepoints import resume_path
from udfs.errors import ConfigurationError, HeadraceError
from udfs.releases.epochs import next_epoch
from udfs.releases.registry import Registry
from udfs.schema import Plan

POLL_SECONDS = 0.25


class JobError(HeadraceError):
    """The job failed for good."""


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
    """

    out: Path
    input: Path | None = None
    bounded: bool = False
    resume: bool | Path = False
    json: bool = False
    parallelism: int | None = None


class Run:
    """One run."""

    def __init__(self, configuration: Configuration, options: RunOptions) -> None:
        self._options = options
        self._configuration = configuration.under(options.out)
        self._folder = Path(str(self._configuration.checkpointing.dir).removeprefix("file://"))
        self._stop: int | None = None
        self._refusal = ""
        self._client: Any = None
        self._ends: dict[str, int] | None = None

    def execute(self) -> int:
        """Run to the end; return the exit code."""
        started = time.monotonic()
        plan, recovery = self._plan()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._start(plan, recovery)
        watch = self._watch(plan)
        try:
            code = self._wait(watch)
        finally:
            watch.close()
        watch.report(time.monotonic() - started)
        return code

    def _plan(self) -> tuple[Plan, str | None]:
        buckets, parallelism = self._configuration.runtime.buckets, self._options.parallelism
        if parallelism is not None and parallelism > buckets:
            raise ConfigurationError(
                f"--parallelism is {parallelism}", f"At most runtime.buckets, {buckets}, is allowed"
            )
        recovery = resume_path(self._options.resume, str(self._folder.parent if self._default() else self._folder))
        registry = Registry.open(str(self._configuration.sinks.registry))
        plan = self._configuration.plan(next_epoch(registry), self._options.bounded)
        record(plan, self._folder.absolute().as_uri(), resumes=recovery is not None)
        return plan, recovery

    def _default(self) -> bool:
        return self._folder.parent == self._options.out.absolute()

    def _start(self, plan: Plan, recovery: str | None) -> None:
        # A worker that is killed can take the one local task manager with it (Beam counts a reference below zero as it
        # closes). Nobody brings that back, and with Flink's five minutes for a slot each restart would wait in silence.
        extra = {"slot.request.timeout": "10 s"}
        if recovery:
            extra["execution.state-recovery.path"] = recovery
        kafka = self._configuration.source.kafka
        if kafka is not None and plan.bounded:
            self._ends = end_offsets(kafka)
        from jobs.environment import create
        from jobs.topology import build

        environment = create(self._configuration, extra, self._options.parallelism)
        build(environment, self._configuration, plan, self._options.input)
        self._client = environment.stream.execute_async(self._configuration.name)

    def _watch(self, plan: Plan) -> Any:
        from jobs.watch import Watch

        return Watch(self._configuration, self._options, plan)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stop is not None:
            raise KeyboardInterrupt
        self._stop = number

    def _wait(self, watch: Any) -> int:
        result = self._client._j_job_client.getJobExecutionResult()
        while not result.isDone():
            watch.update()
            reached = self._ends is not None and watch.reached(self._ends)
            wanted = (self._stop is not None or reached) and self._status() == "RUNNING"
            if wanted and self._savepoint(drain=self._stop is None):
                return 0
            time.sleep(POLL_SECONDS)
        if result.isCompletedExceptionally():
            remedy = "See the log; --resume goes on from the newest checkpoint"
            raise JobError(f"The job failed: {self._cause(result)}", remedy)
        return 0

    def _status(self) -> str:
        """Return the job's status; the local cluster is gone as soon as the job has ended."""
        try:
            return str(self._client.get_job_status().result().name)
        except Exception:
            return "GONE"

    @staticmethod
    def _cause(result: Any) -> str:
        try:
            result.get()
        except Exception as error:
            lines = [line for line in str(error).splitlines() if "Caused by" in line or "Error" in line]
            return " ".join(lines[-2:])[:500] or str(error)[:500]
        return "no cause is known"

    def _savepoint(self, drain: bool) -> bool:
        """Stop the job; return False where its tasks do not all run, as just after a start, or just before the end."""
        from py4j.protocol import Py4JJavaError
        from pyflink.java_gateway import get_gateway

        formats = get_gateway().jvm.org.apache.flink.core.execution.SavepointFormatType
        folder = (self._folder.parent / "savepoints").as_uri()
        try:
            path = self._client._j_job_client.stopWithSavepoint(drain, folder, formats.CANONICAL).get()
        except Py4JJavaError as error:
            reason = _last_cause(error)
            if reason != self._refusal:
                print(f"no savepoint yet: {reason}", file=sys.stderr)
            self._refusal = reason
            return False
        print(f"stopped with savepoint {path}", file=sys.stderr)
        return True


def _last_cause(error: Exception) -> str:
    """Return the innermost of the causes that a Java exception names."""
    lines = str(error).splitlines()
    return next((line for line in reversed(lines) if "Caused by" in line), lines[0])[:500]


def run(configuration: Configuration, options: RunOptions) -> int:
    """Run a job on this machine until it is stopped or its input ends; return the exit code.

    Raises:
        ConfigurationError: found before anything starts.
        JobError: the job failed for good.
    """
    return Run(configuration, options).execute()
