"""A simulated shop as records of Kafka topics."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from kafka.errors import KafkaError

from simulator.events import Events
from simulator.ground_truth import GroundTruth
from simulator.lines import Writer
from simulator.series import Division
from simulator.simulation import Simulation
from simulator.stream import Stream
from udfs.errors import ConfigurationError


class Producer(Protocol):
    """What is needed of ``kafka.KafkaProducer``."""

    def partitions_for(self, topic: str) -> set[int] | None:
        """Return the partitions of a topic."""

    def send(self, topic: str, value: bytes, *, partition: int) -> Any:
        """Send a record; return its future."""

    def flush(self) -> None:
        """Wait until all records are delivered or failed."""


def to_topics(
    simulation: Simulation, producer: Producer, topic: str, truth: Path, mixed: bool = True, lines_per_record: int = 50
) -> dict[str, Any]:
    """Send all types to ``topic``, or each series to ``<topic>-<series>``; write the truth to a folder.

    Partitions have their lines in the order of their arrival, each record up to ``lines_per_record`` of them, separated
    by newlines: a record costs kafka-python 20 times what a line costs here. Returns the summary.

    Raises:
        ConfigurationError: a topic has fewer partitions than the simulation, or the truth's folder is not empty.
        KafkaError: a record could not be delivered.
    """
    division = Division(simulation.partitions, mixed)
    names = {series: topic if mixed else f"{topic}-{series}" for series in division.names}
    for name in names.values():
        _check_partitions(producer, name, simulation.partitions)
    stream = Stream(simulation)
    sender = _Sender(producer, names, lines_per_record)
    writer = Writer(simulation.seed, simulation.start_ms, stream.account)
    with GroundTruth(simulation, truth) as known:
        for events in stream.slices(known):
            sender.send(events, division, writer)
    return known.summary()


class _Sender:
    def __init__(self, producer: Producer, topics: dict[str, str], lines_per_record: int) -> None:
        self._producer, self._topics, self._step = producer, topics, lines_per_record
        self._failed: list[BaseException] = []

    def send(self, events: Events, division: Division, writer: Writer) -> None:
        """Send a slice and wait until it is delivered."""
        events, runs = division.sort(events)
        lines = writer.lines(events)
        for run in runs:
            topic = self._topics[run.series]
            for first in range(run.first, run.last, self._step):
                value = lines.between(first, min(first + self._step, run.last))[:-1]
                self._producer.send(topic, value, partition=run.partition).add_errback(self._failed.append)
        self._producer.flush()
        if self._failed:
            raise KafkaError(f"{len(self._failed)} records could not be delivered") from self._failed[0]


def _check_partitions(producer: Producer, topic: str, wanted: int) -> None:
    there = producer.partitions_for(topic) or set()
    if not set(range(wanted)) <= there:
        remedy = f"Add partitions to the topic, or set partitions to {len(there)}" if there else "Create the topic"
        raise ConfigurationError(f"Topic {topic} has {len(there)} partitions, the simulation {wanted}", remedy)
