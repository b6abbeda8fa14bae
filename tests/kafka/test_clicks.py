from __future__ import annotations

import contextlib
import time

import pytest
from kafka import KafkaConsumer, TopicPartition

from benchmarks.broker import Broker
from simulator.clicks import Clicks

pytestmark = pytest.mark.kafka


def test_every_line_becomes_a_record(broker: Broker) -> None:
    broker.create_topic("clicks", partitions=2)
    clicks = Clicks(events=5_000, seed=9, bad_rate=0.005)
    truth = clicks.to_kafka(broker.bootstrap, "clicks")
    expected = sorted(line for block in clicks.blocks(clicks.truth()) for line in block)
    assert truth.summary()["lines"] == len(expected)
    with contextlib.closing(KafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=None)) as consumer:
        partitions = [TopicPartition("clicks", i) for i in range(2)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        read: list[bytes] = []
        deadline = time.monotonic() + 30
        while len(read) < len(expected) and time.monotonic() < deadline:
            read += [record.value for records in consumer.poll(timeout_ms=500).values() for record in records]
    assert sorted(read) == expected
