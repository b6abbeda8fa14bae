"""Topics as the target: the original bytes as a record's value, marked by its headers."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError

from jobs.config.source import KafkaSource
from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.item import Address, Item, chunks
from jobs.dead_letters.ledger import Entry, Ledger, Replay, digest_of
from jobs.dead_letters.letter import Position
from jobs.dead_letters.topic import Topics
from jobs.reader.kafka_options import client_options

REPLAY, LETTER, FIRST, ATTEMPT = "headrace-replay", "headrace-letter", "headrace-first", "headrace-attempt"
"""Headers of a record that was sent anew; the job reads none, a crashed replay is finished by the first two."""

_TIMEOUTS: Final = {"request_timeout_ms": 10_000, "delivery_timeout_ms": 30_000, "max_block_ms": 10_000}


class ToTopic:
    """Sends to the topic and partition that an event came from, or to another topic.

    The ledger tells of a replay before it is sent, and of its offsets thereafter. One that was interrupted in between
    is finished by looking for its records behind where the topic ended before.
    """

    def __init__(self, topics: Topics, source: KafkaSource, topic: str | None) -> None:
        """Keep what ``send`` needs.

        Args:
            topics: the connection to read by.
            source: what the job reads.
            topic: the topic that all events go to; None for the one that each came from.

        Raises:
            ConfigurationError: there is no such topic.
        """
        self._topics, self._source, self._topic = topics, source, topic
        names = source.topics if topic is None else (topic,)
        self._partitions = {name: topics.partitions(name) for name in names}

    def address(self, position: Position) -> Address:
        """Return where an event goes.

        Raises:
            LookupError: the job does not read the topic or partition that it came from.
        """
        if self._topic is not None:
            return Address(self._topic)
        if position.partition not in self._partitions.get(position.topic, ()):
            raise LookupError(f"the configuration does not read {position.part}; --to names a topic")
        return Address(position.topic, position.partition)

    def send(self, items: Sequence[Item], ledger: Ledger, now: int) -> None:
        """Send events, those of one topic in the order of event time."""
        with contextlib.closing(self._producer()) as producer:
            for topic, group in itertools.groupby(sorted(items, key=_order), lambda item: item.address.topic):
                for chunk in chunks(list(group)):
                    self._send(producer, topic, chunk, ledger, now)

    def _producer(self) -> Any:
        known = KafkaProducer.DEFAULT_CONFIG
        options = {name: value for name, value in client_options(self._source).items() if name in known}
        largest = (1 << 20) + self._source.max_line
        try:
            return KafkaProducer(**(_TIMEOUTS | options), acks="all", max_request_size=largest)
        except KafkaError as error:
            raise ReplayError(f"The brokers {self._source.bootstrap} take nothing ({error})", "Check them") from None

    def _send(self, producer: Any, topic: str, items: Sequence[Item], ledger: Ledger, now: int) -> None:
        digest = digest_of(topic, [item.entry for item in items])
        replay = Replay(
            digest=digest,
            target=topic,
            done=False,
            written=now,
            starts=self._topics.ends(topic),
            entries=tuple(item.entry for item in items),
        )
        ledger.put(replay)
        try:
            futures = [
                producer.send(topic, item.line, partition=item.address.partition, headers=headers(digest, item.entry))
                for item in items
            ]
            producer.flush(timeout=_TIMEOUTS["delivery_timeout_ms"] / 1000)
            sent = tuple(_sent(item.entry, future.get(timeout=0)) for item, future in zip(items, futures, strict=True))
        except KafkaError as error:
            what = f"The brokers did not take all of {len(items)} events for {topic} ({error!r})"
            raise ReplayError(what, "Run the command again: what arrived is found, and only the rest is sent") from None
        ledger.put(msgspec.structs.replace(replay, done=True, entries=sent))

    def takes(self, target: str) -> bool:
        """Return whether a target is a topic."""
        return "/" not in target

    def complete(self, replay: Replay) -> Replay:
        """Look for the records of a replay, by their headers, behind where the topic ended before it was begun."""
        found: dict[str, Position] = {}
        for record in self._topics.records(replay.target, replay.starts):
            marks = dict(record.headers)
            if marks.get(REPLAY) == replay.digest.encode():
                position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
                found[marks[LETTER].decode()] = position
        arrived = (
            msgspec.structs.replace(entry, sent=str(found[entry.letter]))
            for entry in replay.entries
            if entry.letter in found
        )
        return msgspec.structs.replace(replay, done=True, entries=tuple(arrived))


def headers(digest: str, entry: Entry) -> list[tuple[str, bytes]]:
    """Return the marks of an event that is sent anew."""
    return [
        (REPLAY, digest.encode()),
        (LETTER, entry.letter.encode()),
        (FIRST, entry.first.encode()),
        (ATTEMPT, str(entry.attempt).encode()),
    ]


def _sent(entry: Entry, written: Any) -> Entry:
    position = Position(topic=written.topic, partition=written.partition, offset=written.offset)
    return msgspec.structs.replace(entry, sent=str(position))


def _order(item: Item) -> tuple[str, int]:
    return item.address.topic, item.verdict.time or 0
