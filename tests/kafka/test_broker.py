from __future__ import annotations

import contextlib
import time

import pytest
from kafka import KafkaConsumer, KafkaProducer

from benchmarks.broker import Broker

pytestmark = pytest.mark.kafka


def read(broker: Broker, topic: str, count: int) -> list[bytes]:
    options = {"auto_offset_reset": "earliest", "enable_auto_commit": False, "group_id": None}
    with contextlib.closing(KafkaConsumer(topic, bootstrap_servers=broker.bootstrap, **options)) as consumer:
        values: list[bytes] = []
        deadline = time.monotonic() + 30
        while len(values) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=500).values():
                values += [record.value for record in records]
    return values


@pytest.mark.parametrize("graceful", [True, False], ids=["stopped", "killed"])
def test_what_was_acknowledged_is_there_after_a_restart(broker: Broker, graceful: bool) -> None:
    topic = f"restart-{graceful}"
    broker.create_topic(topic)
    sent = [f"record {i}".encode() for i in range(1000)]
    with contextlib.closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")) as producer:
        for value in sent:
            producer.send(topic, value)
        producer.flush(timeout=30)
    before, pid = broker.bootstrap, broker.pid
    broker.stop(graceful)
    broker.start()
    assert broker.bootstrap == before
    assert broker.pid != pid
    assert read(broker, topic, len(sent)) == sent
