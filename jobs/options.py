"""The configuration of Flink that the job's own sections amount to."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import SecretStr

from jobs.config.configuration import Configuration
from udfs.errors import ConfigurationError
from udfs.locations import local_path

JARS = Path(__file__).resolve().parent.parent / "deploy" / "jars" / "lib"


def milliseconds(duration: int) -> str:
    """Return microseconds as Flink writes a duration."""
    return f"{max(1, duration // 1000)} ms"


def flink_uri(where: str) -> str:
    """Return a path or URI as Flink's ``Path`` reads it: with a scheme, and without percent escapes, which it keeps.

    Raises:
        ConfigurationError: Flink would take the path for another one.
    """
    path = local_path(where)
    if path is None:
        return where
    if "\\" in str(path):
        raise ConfigurationError(f"{path} has a backslash, which Flink takes for a slash", "Choose another directory")
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ConfigurationError(f"The name of {str(path)!r} is not in UTF-8", "Choose another directory") from None
    return f"file://{path}"


def flink_options(configuration: Configuration, parallelism: int | None = None) -> dict[str, str]:
    """Return every option that is set, the ``flink`` block last; secrets in clear."""
    runtime, checkpoints = configuration.runtime, configuration.checkpointing
    options = {
        "pipeline.name": configuration.name,
        "parallelism.default": str(parallelism or runtime.parallelism),
        "pipeline.max-parallelism": str(runtime.max_parallelism),
        "pipeline.object-reuse": "true",
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "python.fn-execution.bundle.size": str(runtime.bundle_size),
        "python.fn-execution.bundle.time": str(max(1, runtime.bundle_time // 1000)),
        # It counts states, each with base and journal, which are read at a restore only: 400 MB of 10 million ids.
        "python.state.cache-size": "0",
        "taskmanager.memory.managed.size": "512m",
        "taskmanager.memory.network.min": "256m",
        "taskmanager.memory.network.max": "256m",
        "execution.checkpointing.interval": milliseconds(checkpoints.interval),
        "execution.checkpointing.timeout": milliseconds(checkpoints.timeout),
        "execution.checkpointing.num-retained": str(checkpoints.retained),
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.tolerable-failed-checkpoints": "3",
        "state.backend.type": runtime.backend,
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": str(runtime.restarts),
        "restart-strategy.fixed-delay.delay": milliseconds(runtime.restart_delay),
    }
    if checkpoints.dir is not None:
        options["execution.checkpointing.dir"] = flink_uri(checkpoints.dir)
    if checkpoints.min_pause:
        options["execution.checkpointing.min-pause"] = milliseconds(checkpoints.min_pause)
    if runtime.backend == "rocksdb":
        options["execution.checkpointing.incremental"] = "true"
    if configuration.metrics.prometheus_port is not None:
        port = configuration.metrics.prometheus_port
        factory = "org.apache.flink.metrics.prometheus.PrometheusReporterFactory"
        options |= {
            "metrics.reporters": "prom",
            "metrics.reporter.prom.factory.class": factory,
            "metrics.reporter.prom.port": f"{port}-{port + 16}",
        }
    for key, value in configuration.flink.items():
        options[key] = value.get_secret_value() if isinstance(value, SecretStr) else value
    return options
