"""From the configuration to the source that the workers read."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.config.configuration import Configuration
from jobs.config.patterns import to_regex
from jobs.config.source import Files as FilesSection
from jobs.config.source import KafkaSource
from jobs.reader.files import Files
from jobs.reader.kafka_options import consumer_options
from jobs.reader.partitions import part_of
from jobs.reader.reader import Source, SourceError
from jobs.reader.start import Start, first_offsets, start_after
from udfs.errors import ConfigurationError
from udfs.locations import absolute, local_path

if TYPE_CHECKING:
    from jobs.reader.topics import Topics


def make_source(configuration: Configuration, given: Path | None, bounded: bool, anew: bool = False) -> Source:
    """Return the source; where it ends is asked now if it is bounded.

    Args:
        configuration: the job, no directory left open.
        given: a directory or file in place of ``source.files.path``.
        bounded: whether to read only what is there now.
        anew: whether the job goes on from no state: then topics that follow an archive must hold the switch.

    Raises:
        ConfigurationError: there is no such input, the brokers do not answer, or a topic no longer holds the switch.
    """
    source = configuration.source
    if source.kafka is None:
        assert source.files is not None
        return _files(configuration, source.files, given, listed=bounded)
    topics = _topics(configuration, source.kafka, bounded)
    if source.files is None:
        if given is not None:
            raise ConfigurationError("--input is given, but the source is Kafka", "Leave it away, or use source.files")
        return topics
    if anew:
        _check_start(source.kafka, topics.start)
    from jobs.reader.history import History

    files = replace(_files(configuration, source.files, given, listed=anew), listing=None, once=True)
    return History(files, topics, _rendezvous(configuration))


def _rendezvous(configuration: Configuration) -> str:
    """Return the path or URI of a directory that no other start has, where every process keeps its checkpoints."""
    return f"{configuration.checkpointing.dir}/archive-read-{time.time_ns()}"


def _files(configuration: Configuration, files: FilesSection, given: Path | None, listed: bool) -> Files:
    if given is None and files.path is None:
        raise ConfigurationError("source.files.path is missing", "Set it, or give --input")
    uri, pattern = str(given or files.path), to_regex(files.pattern)
    if (path := local_path(uri)) is not None:
        if not path.exists():
            raise ConfigurationError(f"The input {path} does not exist", "Give a directory or a file")
        pattern = "" if path.is_file() else pattern
    found = Files(
        uri=absolute(uri),
        pattern=pattern,
        lanes=configuration.runtime.buckets,
        size=configuration.runtime.read_size,
        poll=files.poll / 1e6,
        max_line=files.max_line,
        merged=configuration.join is not None,
    )
    try:
        return replace(found, listing=found.list()) if listed else found
    except OSError as error:
        raise ConfigurationError(f"The input {uri} cannot be listed ({error})", "Check it and its rights") from None


def _topics(configuration: Configuration, kafka: KafkaSource, bounded: bool) -> Topics:
    from jobs.reader.topics import Topics

    runtime, checkpoints, switch = configuration.runtime, configuration.checkpointing, configuration.source.switch
    start = Start(kafka.start, (kafka.start_timestamp or 0) // 1000)
    return Topics(
        topics=kafka.topics,
        lanes=runtime.buckets,
        size=runtime.read_size,
        options=consumer_options(kafka, kafka.group, runtime.read_size),
        start=start if switch is None else start_after(switch),
        ends=end_offsets(kafka) if bounded else None,
        commit_after=(checkpoints.interval + checkpoints.timeout) / 1e6,
    )


def end_offsets(kafka: KafkaSource) -> dict[str, int]:
    """Return where each partition ends now, by ``topic/number``.

    Raises:
        ConfigurationError: the brokers do not answer, or a topic does not exist.
    """
    with _asked(kafka) as (consumer, partitions):
        ends: dict[Any, int] = consumer.end_offsets(partitions)
    return {part_of(partition): end for partition, end in ends.items()}


def check_brokers(kafka: KafkaSource) -> None:
    """Ask for the topics; once a job runs, it waits for brokers that do not answer.

    Raises:
        ConfigurationError: the brokers do not answer, or a topic does not exist.
    """
    with _asked(kafka):
        pass


def _check_start(kafka: KafkaSource, start: Start) -> None:
    """Refuse topics that do not hold all from the switch on, before the archive is read for hours."""
    with _asked(kafka) as (consumer, partitions):
        try:
            first_offsets(consumer, partitions, start)
        except SourceError as error:
            raise ConfigurationError(error.what, error.remedy) from None


@contextlib.contextmanager
def _asked(kafka: KafkaSource) -> Iterator[tuple[Any, list[Any]]]:
    """Give a consumer and every partition of the topics."""
    from kafka.errors import KafkaError

    from jobs.reader.consumer import connected_consumer

    try:
        with contextlib.closing(connected_consumer(consumer_options(kafka, None))) as consumer:
            yield consumer, [partition for topic in kafka.topics for partition in _partitions(consumer, topic)]
    except KafkaError as error:
        raise ConfigurationError(
            f"The brokers {kafka.bootstrap} do not answer ({error})", "Check source.kafka.bootstrap and its security"
        ) from None


def _partitions(consumer: Any, topic: str) -> list[Any]:
    from kafka import TopicPartition

    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise ConfigurationError(f"The topic {topic} does not exist", "Create it, or correct source.kafka.topics")
    return [TopicPartition(topic, number) for number in sorted(numbers)]
