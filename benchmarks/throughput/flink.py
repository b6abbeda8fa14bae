"""What all Flink competitors share: the configuration, and the topic as a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.throughput.setting import Setting

PARALLELISM = 2


def table_environment(setting: Setting, **more: str) -> tuple[Any, Any]:
    """Return a DataStream and a Table environment; ``more`` are Flink's keys with ``__`` for the dot."""
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.table import StreamTableEnvironment

    options = {
        "parallelism.default": str(PARALLELISM),
        "execution.checkpointing.interval": f"{setting.checkpoint_s}s",
        "execution.checkpointing.dir": (Path(setting.folder) / "checkpoints").as_uri(),
        "taskmanager.memory.managed.size": "1g",
        "taskmanager.memory.network.min": "256m",
        "taskmanager.memory.network.max": "256m",
        "pipeline.jars": Path(setting.connector).as_uri(),
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
    } | {key.replace("__", "."): value for key, value in more.items()}
    configuration = Configuration()
    for key, value in options.items():
        configuration.set_string(key, value)
    stream = StreamExecutionEnvironment.get_execution_environment(configuration)
    return stream, StreamTableEnvironment.create(stream)


def kafka_table(setting: Setting, name: str, columns: str, form: str) -> str:
    """Return the DDL of the topic as a table that ends at the setting's number of lines."""
    options = {
        "connector": "kafka",
        "properties.bootstrap.servers": setting.bootstrap,
        "topic": setting.topic,
        "format": form,
        "scan.startup.mode": "earliest-offset",
        "properties.group.id": "bench",
        "properties.fetch.max.bytes": "52428800",
        "properties.max.partition.fetch.bytes": "8388608",
        "properties.max.poll.records": "20000",
        **({"json.ignore-parse-errors": "true"} if form == "json" else {}),
    }
    if setting.whole:
        options["scan.bounded.mode"] = "latest-offset"
    else:
        last = setting.lines // setting.partitions
        offsets = ";".join(f"partition:{i},offset:{last}" for i in range(setting.partitions))
        options |= {"scan.bounded.mode": "specific-offsets", "scan.bounded.specific-offsets": offsets}
    return ddl(name, columns, options)


def blackhole(name: str, columns: str) -> str:
    """Return the DDL of a table that throws everything away."""
    return ddl(name, columns, {"connector": "blackhole"})


def ddl(name: str, columns: str, options: dict[str, str]) -> str:
    """Return the DDL of a table with these options."""
    quoted = ", ".join(f"'{key}' = '{value}'" for key, value in options.items())
    return f"CREATE TEMPORARY TABLE {name} ({columns}) WITH ({quoted})"
