"""A run of the job as a process group of its own, that a test can watch, hurt and end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import yaml

from tests.class_data import with_class_data
from tests.processes import kill_session, of_session, workers_of

ROOT = Path(__file__).resolve().parents[2]
MAIN = "import sys; from jobs.cli import main; sys.exit(main())"
Found = TypeVar("Found")


def until(condition: Callable[[], Found], seconds: float, what: str) -> Found:
    """Return the first truthy value of a condition; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def configuration(folder: Path, **sections: dict[str, Any]) -> Path:
    """Write the click example with short checkpoints, small bundles and a REST port; sections are merged into it."""
    tree = yaml.safe_load((ROOT / "examples" / "clicks.yaml").read_text())
    tree["models"]["ctr"]["snapshot"] = {"examples": 4_500}
    tree["checkpointing"] = {"interval": "400ms"}
    tree["runtime"] = {"parallelism": 2, "restart_delay": "100ms", "read_size": "32KiB", "tick": "200ms"}
    tree["flink"] = {"rest.bind-port": str(free_port()), "metrics.fetcher.update-interval": "100 ms"}
    for name, values in sections.items():
        tree[name] = tree.get(name, {}) | values
    path = folder / f"clicks-{time.monotonic_ns()}.yaml"
    path.write_text(yaml.safe_dump(tree))
    return path


class Job:
    """``headrace run`` in a process group of its own; leaving the context ends whatever is left of it."""

    def __init__(
        self, config: Path, out: Path, given: Path, *arguments: str, env: dict[str, str] | None = None
    ) -> None:
        self._config, self.out = config, out
        self.out = out
        self._port = yaml.safe_load(config.read_text())["flink"]["rest.bind-port"]
        self._command = [sys.executable, "-c", MAIN, "run", "--config", str(config), "--input", str(given)]
        self._command += ["--out", str(out), *arguments]
        self._env = with_class_data(os.environ | {"PYTHONPATH": str(ROOT)} | (env or {}))
        self._log = config.with_suffix(".log")

    def __enter__(self) -> Job:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(self.log[-6_000:])
        elif self.ended:
            until(lambda: not self.members(), 20, "a run that has ended leaves no process")
        self.kill_tree()

    @property
    def log(self) -> str:
        """Everything that the run has written to stdout and stderr."""
        return self._log.read_text(errors="replace")

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def wait(self, seconds: float = 240) -> int:
        """Return the exit code."""
        return self._process.wait(seconds)

    def succeed(self) -> None:
        """Wait for the end, which must be a good one."""
        assert self.wait() == 0

    def terminate(self) -> None:
        """Send SIGTERM to the client's process group, as ``timeout`` and supervisors do."""
        os.killpg(self._process.pid, signal.SIGTERM)

    def kill_client(self) -> None:
        """Kill the client alone with SIGKILL."""
        self._process.kill()
        self._process.wait(10)

    def kill_tree(self) -> None:
        """Kill the client, the JVM and the workers with SIGKILL, and wait until none is left."""
        kill_session(self._process.pid)
        self._process.wait(10)
        until(lambda: not self.members(), 10, "all processes are gone")

    def members(self) -> dict[int, str]:
        """Return the command line of every process of the run that is alive."""
        return of_session(self._process.pid)

    def workers(self) -> list[int]:
        """Return the pids of the Python workers."""
        return workers_of(self._process.pid)

    def rest(self, path: str) -> Any:
        """Return an answer of the cluster's REST interface; None while, or once, there is none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=2) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None

    def _job(self, path: str = "") -> Any:
        jobs = (self.rest("/jobs") or {}).get("jobs")
        return self.rest(f"/jobs/{jobs[0]['id']}{path}") if jobs else None

    def vertices(self) -> dict[str, str]:
        """Return the state of every job vertex by its name; empty while there is no job."""
        return {vertex["name"]: vertex["status"] for vertex in (self._job() or {}).get("vertices", ())}

    def running(self) -> bool:
        """Return whether every vertex runs."""
        states = self.vertices()
        return bool(states) and set(states.values()) == {"RUNNING"}

    def checkpoints(self) -> int:
        """Return how many checkpoints are complete."""
        return int((self._job("/checkpoints") or {}).get("counts", {}).get("completed", 0))

    def recoveries(self) -> int:
        """Return how often the job went on after a failure: in a new cluster, and in the one that there is now."""
        metrics = self._job("/metrics?get=numRestarts") or []
        return self.log.count("Going on from") + (int(metrics[0]["value"]) if metrics else 0)
