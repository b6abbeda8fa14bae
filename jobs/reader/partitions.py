"""The names of a topic's partitions, ours and kafka-python's."""

from __future__ import annotations

from typing import Any

from kafka import TopicPartition


def partition_of(part: str) -> Any:
    """Return kafka-python's name of a partition."""
    topic, _, number = part.rpartition("/")
    return TopicPartition(topic, int(number))


def part_of(partition: Any) -> str:
    """Return our name of a partition."""
    return f"{partition.topic}/{partition.partition}"
