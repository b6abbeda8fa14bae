from __future__ import annotations

import contextlib
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from benchmarks.broker import Broker
from jobs.config.source import KafkaSource
from jobs.kafka_offsets import end_offsets
from udfs.errors import ConfigurationError

pytestmark = pytest.mark.kafka


def source(bootstrap: str, *topics: str) -> KafkaSource:
    return KafkaSource(bootstrap=bootstrap, topics=topics, group="offsets")


def send(broker: Broker, topic: str, values: list[bytes | None], **options: Any) -> None:
    with contextlib.closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", **options)) as producer:
        if options:
            producer.init_transactions()
            producer.begin_transaction()
        for value in values:
            producer.send(topic, value, key=b"key", partition=0)
        if options:
            producer.commit_transaction()
        producer.flush(30)


def log_end(broker: Broker, topic: str) -> int:
    partition = TopicPartition(topic, 0)
    with contextlib.closing(KafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=None)) as consumer:
        return int(consumer.end_offsets([partition])[partition])


def test_empty_partitions_are_left_out(broker: Broker) -> None:
    broker.create_topic("some", partitions=2)
    broker.create_topic("none")
    send(broker, "some", [b"a", b"b", b"c"])
    assert end_offsets(source(broker.bootstrap, "some", "none")) == {"some/0": 3}


def test_markers_of_transactions_are_no_records(broker: Broker) -> None:
    broker.create_topic("marked")
    send(broker, "marked", [b"a", b"b"], transactional_id="marked")
    assert log_end(broker, "marked") == 3
    assert end_offsets(source(broker.bootstrap, "marked")) == {"marked/0": 2}


def test_records_without_a_line_are_no_end(broker: Broker) -> None:
    broker.create_topic("blank")
    send(broker, "blank", [b"a", b"b", None, b"\n", b"", b" ", None])
    assert log_end(broker, "blank") == 7
    assert end_offsets(source(broker.bootstrap, "blank")) == {"blank/0": 2}
    broker.create_topic("blank-only")
    send(broker, "blank-only", [b"", None])
    assert end_offsets(source(broker.bootstrap, "blank-only")) == {}


def test_a_missing_topic_and_missing_brokers_are_refused(broker: Broker) -> None:
    with pytest.raises(ConfigurationError, match="nowhere does not exist"):
        end_offsets(source(broker.bootstrap, "nowhere"))
