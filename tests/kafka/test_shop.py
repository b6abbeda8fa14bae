"""A simulated shop on a real broker: every line in its partition, in order."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from benchmarks.broker import Broker
from simulator.files import to_files
from simulator.records import producer_to
from simulator.reference import make
from simulator.topics import to_topics
from udfs.errors import ConfigurationError

pytestmark = pytest.mark.kafka
RUN = make("small", "all", {"impressions": 5_000})


def test_partitions_hold_the_lines_of_the_files(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("shop", partitions=RUN.partitions)
    with contextlib.closing(producer_to(broker.bootstrap)) as producer:
        summary = to_topics(RUN, producer, "shop", tmp_path / "truth")
    assert summary == to_files(RUN, tmp_path / "events", tmp_path / "other")
    written = [
        b"".join(path.read_bytes() for path in sorted((tmp_path / "events").glob(f"events-{partition:02d}-*")))
        for partition in range(RUN.partitions)
    ]
    read = [b"" for _ in written]
    with contextlib.closing(KafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=None)) as consumer:
        partitions = [TopicPartition("shop", partition) for partition in range(RUN.partitions)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        deadline = time.monotonic() + 30
        while sum(map(len, read)) < sum(map(len, written)) and time.monotonic() < deadline:
            for partition, records in consumer.poll(timeout_ms=500).items():
                read[partition.partition] += b"".join(record.value + b"\n" for record in records)
    assert read == written


def test_a_topic_with_too_few_partitions_is_refused(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("narrow", partitions=1)
    with (
        contextlib.closing(producer_to(broker.bootstrap)) as producer,
        pytest.raises(ConfigurationError, match="set partitions to 1"),
    ):
        to_topics(RUN, producer, "narrow", tmp_path)
