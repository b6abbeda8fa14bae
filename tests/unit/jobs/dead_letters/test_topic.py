"""Reading topics where brokers fail in the middle; what works is tested on a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaConnectionError, OffsetOutOfRangeError

from jobs.config.kafka import Connection
from jobs.dead_letters import topic
from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.topic import LettersTopic, Topics
from udfs.errors import ConfigurationError

PARTITION = TopicPartition("t", 0)


class Record(NamedTuple):
    partition: int
    offset: int
    value: bytes | None


class Consumer:
    """One partition of one topic; ``failures`` are raised by the calls of these names, one each."""

    def __init__(self, *values: bytes | None) -> None:
        self.records = [Record(0, i, value) for i, value in enumerate(values)]
        self.first, self.at = 0, 0
        self.failures: dict[str, Exception] = {}
        self.is_silent = self.is_closed = False

    def _may_fail(self, name: str) -> None:
        if name in self.failures:
            raise self.failures.pop(name)

    def partitions_for_topic(self, name: str) -> set[int]:
        self._may_fail("partitions")
        return {0} if name == "t" else set()

    def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        self._may_fail("beginning")
        return {PARTITION: self.first}

    def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        self._may_fail("end")
        return {PARTITION: len(self.records)}

    def assign(self, partitions: list[TopicPartition]) -> None:
        pass

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.at = offset

    def position(self, partition: TopicPartition) -> int:
        return self.at

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Record]]:
        self._may_fail("poll")
        if self.is_silent:
            return {}
        found = self.records[self.at : self.at + 2]
        self.at += len(found)
        return {PARTITION: found}

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Consumer]:
    one = Consumer(b"a", b"b", None, b"d")
    monkeypatch.setattr(topic, "connected_consumer", lambda options: one)
    yield one
    assert one.is_closed


def opened() -> Topics:
    return Topics(Connection(bootstrap="b:1"))


def offsets(found: Iterator[Any]) -> list[int]:
    return [record.offset for record in found]


def test_all_records_and_some(consumer: Consumer) -> None:
    with opened() as topics:
        assert offsets(topics.records("t")) == [0, 1, 2, 3]
        assert offsets(topics.records("t", {"t/0": 3})) == [3]
        assert topics.record("t", 0, 1) == Record(0, 1, b"b")
        assert topics.record("t", 0, 4) is None
        assert topics.record("t", 1, 0) is None
        assert topics.record("u", 0, 0) is None
    lines = list(LettersTopic(Connection(bootstrap="b:1"), "t").lines())
    assert [(line.place, line.text) for line in lines][2:] == [("t/0@2", b""), ("t/0@3", b"d")]


def test_retention_that_goes_by(consumer: Consumer) -> None:
    with opened() as topics:
        consumer.failures["poll"] = OffsetOutOfRangeError({PARTITION: 0})
        consumer.first = 0
        assert offsets(topics.records("t")) == [1, 2, 3]
        consumer.failures["poll"] = OffsetOutOfRangeError({PARTITION: 1})
        assert topics.record("t", 0, 1) is None
        consumer.first = 2
        assert topics.record("t", 0, 1) is None
        assert offsets(topics.records("t")) == [2, 3]


@pytest.mark.parametrize("call", ["partitions", "beginning", "end", "poll"])
def test_an_outage(consumer: Consumer, call: str) -> None:
    consumer.failures[call] = KafkaConnectionError()
    with opened() as topics, pytest.raises(ConfigurationError, match="b:1 do not answer"):
        list(topics.records("t"))


def test_a_partition_that_gives_nothing(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic, "PATIENCE_SECONDS", 0.0)
    consumer.is_silent = True
    with opened() as topics, pytest.raises(ReplayError, match="t/0 gave nothing from offset 0"):
        list(topics.records("t"))


def test_there_is_no_such_topic(consumer: Consumer) -> None:
    with opened() as topics, pytest.raises(ConfigurationError, match="The topic u does not exist"):
        topics.ends("u")
