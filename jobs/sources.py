"""The sources: files or topics as raw lines with their positions; ticks that start, fill and end a run."""

from __future__ import annotations

from pathlib import Path

from jobs.adapter import TICK
from jobs.config.configuration import Configuration
from jobs.config.kafka import Connection
from jobs.config.patterns import to_regex
from jobs.config.source import Files, KafkaSource
from udfs.errors import ConfigurationError

START_MODES = {
    "earliest": "earliest-offset",
    "latest": "latest-offset",
    "committed": "group-offsets",
    "timestamp": "timestamp",
}


def quoted(text: str) -> str:
    """Return an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _options(options: dict[str, str]) -> str:
    return ", ".join(f"{quoted(key)} = {quoted(value)}" for key, value in options.items())


def files_uri(files: Files, given: Path | None) -> tuple[str, str]:
    """Return the URI of the directory or file to read and the regular expression of its paths.

    Raises:
        ConfigurationError: no input is given, or it does not exist.
    """
    if given is None and files.path is None:
        raise ConfigurationError("source.files.path is missing", "Set it, or give --input")
    where = str(given or files.path)
    if "://" in where:
        return where.rstrip("/"), f"{where.rstrip('/')}/{to_regex(files.pattern)}"
    path = Path(where).resolve()
    if not path.exists():
        raise ConfigurationError(f"The input {path} does not exist", "Give a directory or a file")
    return path.as_uri(), "" if path.is_file() else to_regex(files.pattern)


def files_table(files: Files, given: Path | None, bounded: bool) -> str:
    """Return the DDL of the table ``source`` over files."""
    uri, pattern = files_uri(files, given)
    options = {"connector": "filesystem", "path": uri, "format": "raw"}
    if pattern:
        options["source.path.regex-pattern"] = f".*/{pattern}" if "://" not in pattern else pattern
    if not bounded:
        options["source.monitor-interval"] = f"{max(1, files.poll // 1000)} ms"
    return (
        "create temporary table source (line BYTES, file STRING NOT NULL METADATA FROM 'file.path') "
        f"with ({_options(options)})"
    )


def kafka_properties(connection: Connection) -> dict[str, str]:
    """Return a connection's client properties as table options, the secrets in clear."""
    return {f"properties.{key}": value for key, value in connection.client_properties().items()}


def kafka_table(kafka: KafkaSource, bounded: bool) -> str:
    """Return the DDL of the table ``source`` over topics."""
    options = {
        "connector": "kafka",
        "topic": ";".join(kafka.topics),
        "format": "raw",
        "scan.startup.mode": START_MODES[kafka.start],
        "properties.fetch.max.bytes": "52428800",
        "properties.max.partition.fetch.bytes": "8388608",
        "properties.max.poll.records": "20000",
        **kafka_properties(kafka),
        "properties.bootstrap.servers": kafka.bootstrap,
        "properties.group.id": kafka.group,
    }
    if kafka.start_timestamp is not None:
        options["scan.startup.timestamp-millis"] = str(kafka.start_timestamp // 1000)
    if bounded:
        options["scan.bounded.mode"] = "latest-offset"
    return (
        "create temporary table source (line BYTES, topic STRING NOT NULL METADATA FROM 'topic', "
        "part INT NOT NULL METADATA FROM 'partition', `offset` BIGINT NOT NULL METADATA FROM 'offset') "
        f"with ({_options(options)})"
    )


def source_table(configuration: Configuration, given: Path | None, bounded: bool) -> tuple[str, str]:
    """Return the DDL of the source and the arguments of ``pack`` over it: line, partition's name, offset."""
    source = configuration.source
    if source.files is not None:
        return files_table(source.files, given, bounded), "line, file, CAST(-1 AS BIGINT)"
    assert source.kafka is not None
    if given is not None:
        raise ConfigurationError("--input is given, but the source is Kafka", "Leave it away, or use source.files")
    name = "topic || '/' || CAST(part AS STRING)"
    if len(source.kafka.topics) == 1:
        name = f"{quoted(source.kafka.topics[0] + '/')} || CAST(part AS STRING)"
    return kafka_table(source.kafka, bounded), f"line, {name}, `offset`"


def tick_table(name: str, keys: list[int], spacing: int) -> tuple[str, str]:
    """Return the DDL of an endless tick source and the query that gives its frames with their keys.

    Every key is ticked once in ``spacing`` microseconds.
    """
    options = {
        "connector": "datagen",
        "rows-per-second": str(max(1, 1_000_000 // spacing)),
        "fields.n.kind": "random",
        "fields.n.min": "0",
        "fields.n.max": "1",
    }
    rows = ", ".join(f"({key})" for key in keys)
    ddl = f"create temporary table {name} (n BIGINT) with ({_options(options)})"
    return ddl, f"select k, X'{TICK.hex()}' as frame from {name} cross join (values {rows}) as t(k)"
