"""Lines to a Kafka topic, one record each, and the producer that all of the simulator sends with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from udfs.errors import ConfigurationError


def producer_to(bootstrap: str) -> Any:
    """Return a ``KafkaProducer`` whose records count once all replicas have them.

    Raises:
        ConfigurationError: no broker answers.
    """
    options = {"acks": "all", "linger_ms": 20, "batch_size": 1 << 18, "max_request_size": 1 << 23}
    try:
        return KafkaProducer(bootstrap_servers=bootstrap, **options)
    except (KafkaError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"The brokers {bootstrap} do not answer ({error})", "Start them, or correct --bootstrap"
        ) from None


def send(bootstrap: str, topic: str, blocks: Iterable[list[bytes]]) -> int:
    """Send every line as a record without a key; return how many were acknowledged.

    Raises:
        KafkaError: a record could not be delivered.
    """
    sent = 0
    failed: list[BaseException] = []
    with contextlib.closing(producer_to(bootstrap)) as producer:
        for lines in blocks:
            for line in lines:
                producer.send(topic, line).add_errback(failed.append)
            sent += len(lines)
            producer.flush()
            if failed:
                raise KafkaError(f"{len(failed)} of {sent} records could not be delivered to {topic}") from failed[0]
    return sent
