"""The environment that a job is built in: Java, Flink's options, connector jars."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from jobs.config.configuration import Configuration
from jobs.java import java_home
from jobs.options import JARS, flink_options
from udfs.errors import ConfigurationError


class Environment(NamedTuple):
    """Flink's two environments over one graph."""

    stream: Any
    table: Any


def connector_jars(configuration: Configuration, folder: Path = JARS) -> list[Path]:
    """Return the jars that the configuration needs.

    Raises:
        ConfigurationError: the Kafka connector is needed and not there.
    """
    if configuration.sinks.kafka is None:
        return []
    jars = sorted(folder.glob("flink-sql-connector-kafka-*.jar"))
    if not jars:
        raise ConfigurationError(f"The Kafka connector is not in {folder}", "Run: make jars")
    return jars


def log_into(folder: Path) -> Path:
    """Have the JVM that this process starts log into a directory; return the file.

    A directory and log4j properties that the caller's environment names are kept.

    Raises:
        ConfigurationError: the directory cannot be made.
    """
    folder = Path(os.environ.setdefault("FLINK_LOG_DIR", str(folder.absolute())))
    os.environ.setdefault("LOG4J_PROPERTIES", str(Path(__file__).parent / "log4j2.properties"))
    # In the pattern of old files' names a percent sign begins what is filled in.
    os.environ["RUN_LOG_PATTERN"] = f"{folder}/run.log".replace("%", "%%") + ".%i"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"The directory of the log, {folder}, cannot be made ({error.strerror})"
        raise ConfigurationError(what, "Give another --out, or FLINK_LOG_DIR if that is set") from None
    return folder / "run.log"


def prepare_process(configuration: Configuration) -> None:
    """Set what the gateway JVM and the workers read from the environment; before anything of PyFlink starts.

    Without ``_python_worker_execution_mode`` a local run puts all workers as threads into this process, under one GIL.
    The local cluster loads no plugins, so the Prometheus reporter's jar goes on the gateway's class path, for which
    HADOOP_CLASSPATH is the one way in.
    """
    os.environ["JAVA_HOME"] = java_home()
    # In the locale C a JVM writes "?" for letters of file names beyond ASCII, where Python writes UTF-8.
    if os.environ.get("LC_ALL") in ("C", "POSIX"):
        os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["_python_worker_execution_mode"] = "process"  # noqa: SIM112 (that is its name)
    # The JVM moves frames, not events: the second compiler would take more of a run's first minute than it gives back
    # (measured: 25 core-seconds of 54 in a run of 9 million events).
    options = "-XX:TieredStopAtLevel=1"
    if configuration.runtime.heap is not None:
        heap = configuration.runtime.heap >> 20
        options = f"-Xms{heap}m -Xmx{heap}m -XX:+UseParallelGC {options}"
    # glibc gives every thread a heap of its own to keep; two are enough under one GIL.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.environ["JVM_ARGS"] = f"{options} {os.environ.get('JVM_ARGS', '')}".strip()
    if configuration.metrics.prometheus_port is not None:
        import pyflink

        folder = Path(pyflink.__file__).parent / "plugins" / "metrics-prometheus"
        os.environ["HADOOP_CLASSPATH"] = ":".join(map(str, sorted(folder.glob("*.jar"))))


def _shield_gateway(held: int | None) -> None:
    """Give the JVM that PyFlink starts, and the workers that it starts, a process group of their own.

    The JVM, not its workers, inherits a descriptor that is ``held``.

    A signal to the group of this process, as ``timeout`` and supervisors send it, would end the JVM before it could
    make a savepoint. It ends with this process: its stdin closes.
    """
    from pyflink import pyflink_gateway_server

    pyflink_gateway_server.Popen = partial(subprocess.Popen, process_group=0, pass_fds=() if held is None else (held,))


def create(
    configuration: Configuration,
    extra: dict[str, str],
    parallelism: int | None = None,
    cluster: tuple[str, int] | None = None,
    held: int | None = None,
) -> Environment:
    """Create the environment.

    Args:
        configuration: the job.
        extra: options of this start alone.
        parallelism: in place of ``runtime.parallelism``.
        cluster: the REST address of a running cluster; this process, if None.
        held: a descriptor that the JVM keeps open as long as it lives.
    """
    prepare_process(configuration)
    _shield_gateway(held)
    from pyflink.common import Configuration as FlinkConfiguration
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.table import StreamTableEnvironment

    options = flink_options(configuration, parallelism) | extra
    jars = connector_jars(configuration)
    if cluster is None and jars:
        options["pipeline.jars"] = ";".join(jar.as_uri() for jar in jars)
    flink = FlinkConfiguration()
    for key, value in options.items():
        flink.set_string(key, value)
    if cluster is None:
        stream = StreamExecutionEnvironment.get_execution_environment(flink)
    else:
        stream = StreamExecutionEnvironment(_remote(cluster, flink, [*jars, *_python_jars()]))
    return Environment(stream, StreamTableEnvironment.create(stream))


def _remote(cluster: tuple[str, int], flink: Any, jars: list[Path]) -> Any:
    """Return the JVM's environment of a running cluster, which PyFlink has no name for."""
    from pyflink.java_gateway import get_gateway

    gateway = get_gateway()
    names = gateway.new_array(gateway.jvm.String, len(jars))
    for i, jar in enumerate(jars):
        names[i] = str(jar)
    environments = gateway.jvm.org.apache.flink.streaming.api.environment.StreamExecutionEnvironment
    return environments.createRemoteEnvironment(*cluster, flink._j_configuration, names)


def _python_jars() -> list[Path]:
    """Return Flink's bridge to Python, which a cluster does not load by itself."""
    import pyflink

    return sorted((Path(pyflink.__file__).parent / "opt").glob("flink-python-*.jar"))
