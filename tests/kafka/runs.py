"""Runs of the program as a process tree of its own, and what they left behind."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from kafka import KafkaConsumer, TopicPartition

from benchmarks.broker import Broker
from jobs.monitor import Progress, Tail
from simulator.truth import Truth
from tests.class_data import with_class_data
from tests.processes import kill_session, workers_of

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from jobs.cli import main; sys.exit(main())"
SOME_MINUTES = 240.0
SNAPSHOT = 5_000


def configuration(folder: Path, **sections: Any) -> Path:
    """Write the example configuration with small sizes and these sections in place of its own."""
    tree = yaml.safe_load((ROOT / "examples" / "clicks.yaml").read_text())
    tree["checkpointing"] = {"interval": "500ms", "timeout": "1m"}
    tree["runtime"] = {"buckets": 4, "parallelism": 2, "read_size": "64KiB", "heap": "768MiB"}
    tree["models"]["ctr"] |= {"options": {"bits": 16}, "snapshot": {"examples": SNAPSHOT}}
    path = folder / "job.yaml"
    path.write_text(yaml.safe_dump(tree | sections))
    return path


class Run:
    """``headrace`` with arguments, logging to a file."""

    def __init__(self, log: Path, *arguments: str | Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *map(str, arguments)],
                cwd=ROOT,
                env=with_class_data(os.environ | {"FLINK_LOG_DIR": str(log.parent)}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Whether its first process lives."""
        return self._process.poll() is None

    def wait(self) -> int:
        """Return the exit code."""
        return self._process.wait(SOME_MINUTES)

    def workers(self) -> list[int]:
        """Return the pids of its Python workers."""
        return workers_of(self._process.pid)

    def terminate(self) -> None:
        """SIGTERM its first process."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL the whole tree at once."""
        kill_session(self._process.pid)
        self._process.wait()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def tail(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-3000:]


def wait_for(condition: Callable[[], bool], run: Run | None = None, seconds: float = SOME_MINUTES) -> None:
    """Wait until a condition holds; fail at the deadline, or when the run ends before."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true" + (run.tail() if run else "")
        assert run is None or run.running, run.tail()
        time.sleep(0.1)


def progress_of(out: Path) -> Progress:
    """Return what a run has committed."""
    progress = Progress()
    progress.follow(Tail(out / "reports"))
    return progress


def assert_truth(progress: Progress, *truths: Truth) -> None:
    """Compare committed counts with what the simulator wrote."""
    events = sum(sum(map(len, truth.click)) for truth in truths)
    duplicates, bad = sum(truth.duplicates for truth in truths), sum(truth.bad.total() for truth in truths)
    assert progress.read == events + duplicates + bad
    assert progress.accepted == events
    assert progress.duplicates == duplicates
    assert sum(progress.rejected.values()) == bad
    assert progress.models["ctr"].examples == events


def documents(broker: Broker, topic: str) -> list[dict[str, Any]]:
    """Return every committed record of a topic with one partition."""
    options = {"bootstrap_servers": broker.bootstrap, "group_id": None, "isolation_level": "read_committed"}
    with contextlib.closing(KafkaConsumer(**options)) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        end = consumer.end_offsets([partition])[partition]
        consumer.seek_to_beginning(partition)
        return list(_until(consumer, partition, end))


def _until(consumer: Any, partition: TopicPartition, end: int) -> Iterator[dict[str, Any]]:
    deadline = time.monotonic() + 30
    while consumer.position(partition) < end:
        assert time.monotonic() < deadline, f"{partition} ends at {consumer.position(partition)}, not at {end}"
        for records in consumer.poll(timeout_ms=500).values():
            yield from (json.loads(record.value) for record in records)
