"""From the configuration to the source that the workers read."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.config.configuration import Configuration
from jobs.config.patterns import to_regex
from jobs.config.runtime import Runtime
from jobs.config.source import Files as FilesSection
from jobs.config.source import KafkaSource
from jobs.reader.files import Files
from jobs.reader.kafka_options import consumer_options
from jobs.reader.reader import Source
from jobs.reader.topics import Topics, part_of
from udfs.errors import ConfigurationError


def make_source(configuration: Configuration, given: Path | None, bounded: bool) -> Source:
    """Return the source; where it ends is asked now if it is bounded.

    Args:
        configuration: the job.
        given: a directory or file in place of ``source.files.path``.
        bounded: whether to read only what is there now.

    Raises:
        ConfigurationError: there is no such input, or the brokers do not answer.
    """
    source, runtime = configuration.source, configuration.runtime
    if source.files is not None:
        return replace(_files(source.files, given, runtime, bounded), merged=configuration.join is not None)
    assert source.kafka is not None
    if given is not None:
        raise ConfigurationError("--input is given, but the source is Kafka", "Leave it away, or use source.files")
    checkpoints = configuration.checkpointing
    return _topics(source.kafka, runtime, bounded, (checkpoints.interval + checkpoints.timeout) / 1e6)


def _files(files: FilesSection, given: Path | None, runtime: Runtime, bounded: bool) -> Files:
    if given is None and files.path is None:
        raise ConfigurationError("source.files.path is missing", "Set it, or give --input")
    uri, pattern = str(given or files.path), to_regex(files.pattern)
    if "://" not in uri:
        path = Path(uri).resolve()
        if not path.exists():
            raise ConfigurationError(f"The input {path} does not exist", "Give a directory or a file")
        uri, pattern = path.as_uri(), "" if path.is_file() else pattern
    found = Files(
        uri=uri.rstrip("/"),
        pattern=pattern,
        lanes=runtime.buckets,
        size=runtime.read_size,
        poll=files.poll / 1e6,
        max_line=files.max_line,
    )
    try:
        return replace(found, listing=found.list()) if bounded else found
    except OSError as error:
        raise ConfigurationError(f"The input {uri} cannot be listed ({error})", "Check it and its rights") from None


def _topics(kafka: KafkaSource, runtime: Runtime, bounded: bool, commit_after: float) -> Topics:
    return Topics(
        topics=kafka.topics,
        lanes=runtime.buckets,
        size=runtime.read_size,
        options=consumer_options(kafka, kafka.group, runtime.read_size),
        start=kafka.start,
        start_ms=(kafka.start_timestamp or 0) // 1000,
        ends=end_offsets(kafka) if bounded else None,
        commit_after=commit_after,
    )


def end_offsets(kafka: KafkaSource) -> dict[str, int]:
    """Return where each partition ends now, by ``topic/number``.

    Raises:
        ConfigurationError: the brokers do not answer, or a topic does not exist.
    """
    from kafka.errors import KafkaError

    from jobs.reader.consumer import connected_consumer

    try:
        with contextlib.closing(connected_consumer(consumer_options(kafka, None))) as consumer:
            partitions = [partition for topic in kafka.topics for partition in _partitions(consumer, topic)]
            ends: dict[Any, int] = consumer.end_offsets(partitions)
    except KafkaError as error:
        raise ConfigurationError(
            f"The brokers {kafka.bootstrap} do not answer ({error})", "Check source.kafka.bootstrap and its security"
        ) from None
    return {part_of(partition): end for partition, end in ends.items()}


def _partitions(consumer: Any, topic: str) -> list[Any]:
    from kafka import TopicPartition

    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise ConfigurationError(f"The topic {topic} does not exist", "Create it, or correct source.kafka.topics")
    return [TopicPartition(topic, number) for number in sorted(numbers)]
