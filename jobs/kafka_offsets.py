"""Where Kafka topics end: how a bounded run over topics that was interrupted knows, on going on, when it is done."""

from __future__ import annotations

from typing import Any

from jobs.config.kafka import Connection
from jobs.config.source import KafkaSource
from udfs.errors import ConfigurationError


def client_options(connection: Connection) -> dict[str, Any]:
    """Return a connection as options of kafka-python, the secrets in clear."""
    security = connection.security
    options: dict[str, Any] = {
        "bootstrap_servers": connection.bootstrap.split(","),
        "security_protocol": security.protocol,
    }
    if security.mechanism:
        options["sasl_mechanism"] = security.mechanism
    if security.username is not None and security.password is not None:
        options["sasl_plain_username"] = security.username
        options["sasl_plain_password"] = security.password.get_secret_value()
    if security.ca:
        options["ssl_cafile"] = security.ca
    return options


def end_offsets(kafka: KafkaSource) -> dict[str, int]:
    """Return the end offset of each partition that is not empty, by ``topic/partition``.

    Raises:
        ConfigurationError: the brokers do not answer, or a topic does not exist.
    """
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import KafkaError

    try:
        consumer = KafkaConsumer(**client_options(kafka), request_timeout_ms=15_000)
    except KafkaError as error:
        raise ConfigurationError(
            f"The brokers {kafka.bootstrap} do not answer ({error})", "Check source.kafka.bootstrap and its security"
        ) from None
    try:
        partitions = []
        for topic in kafka.topics:
            numbers = consumer.partitions_for_topic(topic)
            if not numbers:
                raise ConfigurationError(
                    f"The topic {topic} does not exist", "Create it, or correct source.kafka.topics"
                )
            partitions += [TopicPartition(topic, number) for number in sorted(numbers)]
        begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        return {f"{p.topic}/{p.partition}": ends[p] for p in partitions if ends[p] > begins[p]}
    finally:
        consumer.close()
