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
    """Return the offset behind the last record of each partition that holds any, by ``topic/partition``.

    Transactions leave markers in a log, which no consumer is given, so a log's end may lie behind its last record.

    Raises:
        ConfigurationError: the brokers do not answer, or a topic does not exist.
    """
    from kafka import KafkaConsumer
    from kafka.errors import KafkaError

    isolation = kafka.properties.get("isolation.level", "read_uncommitted")
    options = {**client_options(kafka), "group_id": None, "enable_auto_commit": False, "isolation_level": isolation}
    try:
        consumer = KafkaConsumer(**options, request_timeout_ms=15_000, bootstrap_timeout_ms=15_000)
    except KafkaError as error:
        raise ConfigurationError(
            f"The brokers {kafka.bootstrap} do not answer ({error})", "Check source.kafka.bootstrap and its security"
        ) from None
    try:
        partitions = [partition for topic in kafka.topics for partition in _partitions(consumer, topic)]
        begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        found = {p: _behind_last_record(consumer, p, begins[p], ends[p]) for p in partitions}
        return {f"{p.topic}/{p.partition}": end for p, end in found.items() if end > begins[p]}
    finally:
        consumer.close()


def _partitions(consumer: Any, topic: str) -> list[Any]:
    from kafka import TopicPartition

    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise ConfigurationError(f"The topic {topic} does not exist", "Create it, or correct source.kafka.topics")
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def _behind_last_record(consumer: Any, partition: Any, begin: int, end: int) -> int:
    """Look for a record in the last 1, 2, 4, .. offsets before ``end``."""
    consumer.assign([partition])
    back, last = 1, begin
    while last == begin and end - back // 2 > begin:
        consumer.seek(partition, max(begin, end - back))
        while consumer.position(partition) < end:
            for records in consumer.poll(timeout_ms=1_000).values():
                last = max([last, *(record.offset + 1 for record in records if (record.value or b"").strip())])
        back *= 2
    return last
