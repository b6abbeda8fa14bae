"""Lines to a Kafka topic, one record each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from kafka import KafkaProducer
from kafka.errors import KafkaError


def send(bootstrap: str, topic: str, blocks: Iterable[list[bytes]]) -> int:
    """Send every line as a record without a key; return how many were acknowledged.

    Raises:
        KafkaError: a record could not be delivered.
    """
    sent = 0
    failed: list[BaseException] = []
    options = {"acks": "all", "linger_ms": 20, "batch_size": 1 << 18, "max_request_size": 1 << 23}
    with contextlib.closing(KafkaProducer(bootstrap_servers=bootstrap, **options)) as producer:
        for lines in blocks:
            for line in lines:
                producer.send(topic, line).add_errback(failed.append)
            sent += len(lines)
            producer.flush()
            if failed:
                raise KafkaError(f"{len(failed)} of {sent} records could not be delivered to {topic}") from failed[0]
    return sent
