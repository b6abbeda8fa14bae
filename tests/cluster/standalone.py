"""A standalone Flink cluster on loopback, started from the installed package, every process known by its pid."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import pyflink
import yaml

from jobs.java import java_home
from tests.cluster.job import free_port, until

HOME = Path(pyflink.__file__).parent
START_SECONDS = 120


class Standalone:
    """One job manager, and task managers of one slot each that a test can add and kill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rest, self._rpc = free_port(), free_port()
        self._jobmanager: subprocess.Popen[bytes] | None = None
        self.taskmanagers: list[subprocess.Popen[bytes]] = []

    @property
    def target(self) -> str:
        """The REST address."""
        return f"127.0.0.1:{self._rest}"

    def start(self, taskmanagers: int) -> Standalone:
        """Start the processes, and wait until the slots are there."""
        conf = self._folder / "conf"
        shutil.copytree(HOME / "conf", conf)
        java = yaml.safe_load((conf / "config.yaml").read_text())["env"]
        java["java"]["opts"]["all"] += " -XX:TieredStopAtLevel=1"  # as in a local run, which is too short for more
        (conf / "config.yaml").write_text(yaml.safe_dump({"env": java} | self._options()))
        self._jobmanager = self._daemon("jobmanager.sh")
        for _ in range(taskmanagers):
            self.add_taskmanager()
        until(lambda: len(self._slots()) == taskmanagers, START_SECONDS, "all task managers are registered")
        return self

    def _options(self) -> dict[str, Any]:
        return {
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": self._rpc,
            "jobmanager.bind-host": "127.0.0.1",
            "jobmanager.memory.process.size": "900m",
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": self._rest,
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "taskmanager.numberOfTaskSlots": 1,
            "taskmanager.memory.process.size": "1200m",
            "taskmanager.memory.managed.size": "128m",
            "metrics.fetcher.update-interval": "500 ms",
            "heartbeat.interval": 2000,
            "heartbeat.timeout": 15000,
            "io.tmp.dirs": str(self._folder / "tmp"),
        }

    def add_taskmanager(self) -> None:
        """Start one more task manager."""
        self.taskmanagers.append(self._daemon("taskmanager.sh"))

    def replace_lost(self) -> None:
        """Start a task manager in place of each that ended by itself, as whoever runs a cluster does."""
        for lost in [process for process in self.taskmanagers if process.poll() is not None]:
            self.taskmanagers.remove(lost)
            _kill(lost)
            self.add_taskmanager()

    def kill_taskmanager(self, number: int) -> None:
        """SIGKILL a task manager with its Python workers."""
        _kill(self.taskmanagers.pop(number))

    def _daemon(self, script: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "JAVA_HOME": java_home(),
            "FLINK_CONF_DIR": str(self._folder / "conf"),
            "FLINK_LOG_DIR": str(self._folder),
            "FLINK_PID_DIR": str(self._folder),
        }
        (self._folder / "tmp").mkdir(exist_ok=True)
        with (self._folder / f"{script}.out").open("ab") as out:
            return subprocess.Popen(
                [str(HOME / "bin" / script), "start-foreground"],
                env=environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def rest(self, path: str) -> Any:
        """Return what the REST interface answers, None while it does not."""
        try:
            with urllib.request.urlopen(f"http://{self.target}/v1{path}", timeout=10) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def _slots(self) -> list[Any]:
        found: list[Any] = (self.rest("/taskmanagers") or {}).get("taskmanagers", [])
        return found

    def job(self) -> tuple[str, str] | None:
        """Return id and status of the only job."""
        jobs = (self.rest("/jobs") or {}).get("jobs", [])
        return (jobs[0]["id"], jobs[0]["status"]) if jobs else None

    def logs(self) -> str:
        """Return all that the processes wrote."""
        paths = [*self._folder.glob("*.log"), *self._folder.glob("*.out")]
        return "\n".join(path.read_text(errors="replace") for path in sorted(paths))

    def __enter__(self) -> Standalone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(self.logs()[-8_000:])
        for process in [*self.taskmanagers, *([self._jobmanager] if self._jobmanager else [])]:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
