"""Topics as the commands about dead letters use them: read to their end, or one record at an offset."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kafka import TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError

from jobs.config.kafka import Connection
from jobs.dead_letters.errors import ReplayError
from jobs.reader.consumer import connected_consumer
from jobs.reader.kafka_options import consumer_options
from udfs.errors import ConfigurationError
from udfs.releases.registry import Line

PATIENCE_SECONDS: Final = 30.0
_POLL_MS: Final = 500


class Topics:
    """A connection to the brokers; a context that ends with it."""

    def __init__(self, connection: Connection) -> None:
        """Connect.

        Raises:
            ConfigurationError: the brokers do not answer.
        """
        self._bootstrap = connection.bootstrap
        try:
            self._consumer: Any = connected_consumer(consumer_options(connection, None))
        except KafkaError as error:
            raise self._unreachable(error) from None

    def __enter__(self) -> Topics:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def _unreachable(self, error: Exception) -> ConfigurationError:
        what = f"The brokers {self._bootstrap} do not answer ({error})"
        return ConfigurationError(what, "Start them, or check bootstrap and security in the configuration")

    def partitions(self, topic: str) -> list[int]:
        """Return the numbers of a topic's partitions.

        Raises:
            ConfigurationError: there is no such topic.
        """
        numbers = self._numbers(topic)
        if not numbers:
            raise ConfigurationError(f"The topic {topic} does not exist", "Create it, or correct its name")
        return numbers

    def _numbers(self, topic: str) -> list[int]:
        try:
            return sorted(self._consumer.partitions_for_topic(topic) or ())
        except KafkaError as error:
            raise self._unreachable(error) from None

    def ends(self, topic: str) -> dict[str, int]:
        """Return the offset behind the last committed record of each partition, by ``topic/number``."""
        partitions = [TopicPartition(topic, number) for number in self.partitions(topic)]
        try:
            found = self._consumer.end_offsets(partitions)
        except KafkaError as error:
            raise self._unreachable(error) from None
        return {f"{topic}/{partition.partition}": end for partition, end in found.items()}

    def records(self, topic: str, starts: Mapping[str, int] | None = None) -> Iterator[Any]:
        """Yield the committed records of a topic, from these offsets or from the first one to the end there is now."""
        for part, end in self.ends(topic).items():
            partition = TopicPartition(topic, int(part.rpartition("/")[2]))
            first = self._first(partition)
            yield from self._between(partition, max(first, (starts or {}).get(part, first)), end)

    def record(self, topic: str, partition: int, offset: int) -> Any | None:
        """Return one record; None where it, or the topic, is no longer there."""
        where = TopicPartition(topic, partition)
        if partition not in self._numbers(topic):
            return None
        if not self._first(where) <= offset < self.ends(topic)[f"{topic}/{partition}"]:
            return None
        found = next(self._between(where, offset, offset + 1), None)
        return found if found is not None and found.offset == offset else None

    def _first(self, partition: TopicPartition) -> int:
        try:
            return int(self._consumer.beginning_offsets([partition])[partition])
        except KafkaError as error:
            raise self._unreachable(error) from None

    def _between(self, partition: TopicPartition, start: int, end: int) -> Iterator[Any]:
        self._consumer.assign([partition])
        self._consumer.seek(partition, start)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (at := self._consumer.position(partition)) < end:
            try:
                polled = self._consumer.poll(timeout_ms=_POLL_MS)
            except OffsetOutOfRangeError:
                # The topic's retention went by: what it left begins here.
                self._consumer.seek(partition, max(at + 1, self._first(partition)))
                continue
            except KafkaError as error:
                raise self._unreachable(error) from None
            yield from (record for records in polled.values() for record in records if record.offset < end)
            if self._consumer.position(partition) > at:
                deadline = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > deadline:
                what = f"{partition.topic}/{partition.partition} gave nothing from offset {at} for a while"
                raise ReplayError(what, "Check the brokers, and run the command again")


class LettersTopic:
    """A topic of dead letters."""

    def __init__(self, connection: Connection, topic: str) -> None:
        self._connection = connection
        self.uri = topic

    def lines(self) -> Iterator[Line]:
        """Yield the records that are committed now."""
        with Topics(self._connection) as topics:
            for record in topics.records(self.uri):
                yield Line(f"{self.uri}/{record.partition}@{record.offset}", record.value or b"")
