"""Topics as a source: each lane has a consumer of its own for its partitions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from kafka.errors import AuthorizationError, KafkaError, OffsetOutOfRangeError, SaslAuthenticationFailedError

from jobs.reader.partitions import part_of, partition_of
from jobs.reader.reader import Block, Reading, SourceError
from jobs.reader.record_blocks import Batch, batched_consumer, hasten_client
from jobs.reader.scout import Scout
from jobs.reader.start import Start, first_offsets
from jobs.worker import tell
from udfs.decode.record_batch import record_spans
from udfs.quality.partition import is_of_topic
from udfs.stages.read import ARCHIVE

POLL_MS = 20
NEVER = (1 << 63) - 1


@dataclass(frozen=True)
class Topics:
    """Topics, and how they are read.

    Attributes:
        topics: their names.
        lanes: how many lanes share the partitions.
        size: bytes after which one call reads no further batch; more where lanes have no partition (``Scout``).
        options: of kafka-python's consumer, the secrets in clear.
        start: where a lane begins that was never read.
        ends: of a bounded input, the offset behind the last record of each partition, by ``topic/number``.
        commit_after: seconds until a position is committed to the group; by then a checkpoint holds it.
    """

    topics: tuple[str, ...]
    lanes: int
    size: int
    options: dict[str, Any] = field(repr=False)
    start: Start = field(default_factory=Start)
    ends: dict[str, int] | None = None
    commit_after: float = 20.0

    def open(self) -> TopicsReader:
        """Return a reader; its consumers connect when they are first needed, so that an outage is waited for."""
        hasten_client()
        return TopicsReader(self)

    def topic_of(self, part: str) -> str:
        """Return a partition's topic."""
        return part.rpartition("/")[0]


class TopicsReader:
    """Reads the lanes of some topics."""

    def __init__(self, source: Topics) -> None:
        self._source = source
        self._lanes: dict[int, _Lane] = {}
        self._scout = Scout(source.topics, source.lanes, source.options, source.ends)
        self._told = -60.0

    def close(self) -> None:
        """Close every connection."""
        for lane in self._lanes.values():
            lane.close()
        self._scout.close()

    def read(self, lane: int, positions: Mapping[str, int], begun: bool, times: Mapping[str, int]) -> Reading | None:
        """Read on in a lane, in whatever partitions have something; an outage is told on stderr and waited for."""
        if lane not in self._lanes:
            _check_archive(positions)
            self._lanes[lane] = _Lane(self._source, lane, self._scout)
        try:
            return self._lanes[lane].read(positions, begun)
        except OffsetOutOfRangeError as error:
            (partition, offset), *_ = error.args[0].items()
            raise SourceError(
                f"Offset {offset} of {part_of(partition)} is gone: its topic's retention removed it",
                "Lengthen the retention; to go on without what was lost start anew with start: earliest",
            ) from error
        except (SaslAuthenticationFailedError, AuthorizationError) as error:
            raise SourceError(f"The brokers refuse to be read from ({error!r})", "Check security and rights") from error
        except KafkaError as error:
            self._lanes[lane].go_back()
            self._tell(error)
            return None

    def _tell(self, error: KafkaError) -> None:
        if time.monotonic() - self._told >= 60.0:
            self._told = time.monotonic()
            tell(f"source: the brokers do not answer, trying on ({error!r})")


def _check_archive(positions: Mapping[str, int]) -> None:
    left = [part for part in positions if part != ARCHIVE and not is_of_topic(part)]
    if left:
        raise SourceError(
            f"The archive was not read to its end: {left[0]} is among what was read of it",
            "Put source.files and source.switch back until every lane has gone on to its topics",
        )


class _Lane:
    """The consumer of one lane."""

    def __init__(self, source: Topics, lane: int, scout: Scout) -> None:
        self._source, self._lane, self._scout = source, lane, scout
        self._consumer: Any = None
        self._parts: list[str] = []
        self._passed: list[tuple[float, dict[Any, int]]] = []

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close()

    def go_back(self) -> None:
        """Forget what was fetched after an error: the next call begins where the lane's positions are."""
        self._parts = []

    def read(self, positions: Mapping[str, int], begun: bool) -> Reading:
        started = self._assign(positions, begun)
        if not self._parts:
            return Reading(ended=self._source.ends is not None)
        found: dict[str, list[Batch]] = {}
        size = 0
        firsts = {part: started.get(part, positions.get(part, 0)) for part in self._parts}
        while size < self._source.size * self._scout.shares and (
            polled := self._consumer.poll(timeout_ms=POLL_MS, max_records=64)
        ):
            for partition, batches in polled.items():
                found.setdefault(part_of(partition), []).extend(batches)
                size += sum(len(batch.data) for batch in batches)
        return self._reading(found, firsts)

    def _reading(self, found: dict[str, list[Batch]], firsts: dict[str, int]) -> Reading:
        ends = self._source.ends or {}
        reading = Reading(more=bool(found), parts=self._parts)
        for part in self._parts:
            partition = partition_of(part)
            position, end = self._consumer.position(partition), ends.get(part, NEVER)
            if part in found:
                reading.blocks.append(_block(part, found[part], firsts[part], end))
            reading.positions[part] = min(position, end)
            if position >= end:
                self._consumer.pause(partition)
            newest = end if end < NEVER else self._consumer.highwater(partition)
            if newest is None or position < newest:
                reading.unread.append(part)
            reading.behind += max(0, (newest or 0) - position)
        reading.ended = self._source.ends is not None and reading.behind == 0
        reading.more &= not reading.ended
        self._commit({partition_of(part): offset for part, offset in reading.positions.items()})
        return reading

    def _assign(self, positions: Mapping[str, int], begun: bool) -> dict[str, int]:
        """Take up partitions that are new; return where those without a position begin."""
        parts = self._scout.lane(self._lane)
        if parts == self._parts:
            return {}
        if self._consumer is None:
            self._consumer = batched_consumer(self._source.options)
        self._consumer.assign([partition_of(part) for part in parts])
        fresh = [part for part in parts if part not in positions]
        started = first_offsets(self._consumer, [partition_of(part) for part in fresh], self._source.start, begun)
        for part in parts:
            self._consumer.seek(partition_of(part), positions.get(part, started.get(part, 0)))
        self._parts = parts
        return started

    def _commit(self, positions: dict[Any, int]) -> None:
        """Commit to the group what was passed long enough ago to be in a checkpoint; for start: committed and lag."""
        if self._source.options.get("group_id") is None:
            return
        now = time.monotonic()
        if not self._passed or now - self._passed[-1][0] >= 1.0:
            self._passed.append((now, positions))
        old = [held for at, held in self._passed if now - at >= self._source.commit_after]
        if old:
            from kafka.structs import OffsetAndMetadata

            self._passed = self._passed[len(old) :]
            offsets = {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in old[-1].items()}
            self._consumer.commit_async(offsets)


def _block(part: str, batches: list[Batch], first: int, end: int) -> Block:
    """Return the records of consecutive batches from offset ``first`` to before ``end``."""
    counts = sum(batch.n for batch in batches)
    data = np.concatenate([batch.data for batch in batches]) if len(batches) > 1 else batches[0].data
    spans, offsets = np.empty((counts, 2), np.int64), np.empty(counts, np.int64)
    written = at = 0
    for batch in batches:
        stop = at + len(batch.data)
        written = record_spans(data, at, stop, batch.n, batch.base, first, end, spans, offsets, written)
        at = stop
    return Block(part, data, spans[:written], offsets[:written])
