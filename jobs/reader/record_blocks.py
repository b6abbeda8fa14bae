"""Whole record batches out of kafka-python's consumer, in place of an object for every record.

The consumer keeps all that it is good at: connections, leaders, sessions, CRCs, aborted transactions, control batches.
Only the unpacking of a fetched partition is replaced, and how a socket is read. All of that is private API of
kafka-python 3.0.12; tests against a real broker cover it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError, KafkaConnectionError
from kafka.net.transport import KafkaTCPTransport
from kafka.protocol.frame import KafkaBytes

from jobs.reader.codecs import uncompressed
from jobs.reader.consumer import connected_consumer
from jobs.reader.reader import SourceError
from udfs.types import U8

_PIECE = 1 << 18
_AT_ONCE = 1 << 22


class Batch(NamedTuple):
    """One record batch.

    Attributes:
        offset: of its last record, by which the consumer tells whether it was read before.
        base: of its first.
        n: how many records it holds.
        data: uint8: the records, uncompressed.
    """

    offset: int
    base: int
    n: int
    data: U8


class _BatchedRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
    """What was fetched of one partition, as batches."""

    def _unpack_records(self, tp: Any, records: Any, *_deserializers: Any) -> Iterator[Batch]:
        while (batch := records.next_batch()) is not None:
            if batch.magic != 2:
                raise SourceError(
                    f"{tp.topic}/{tp.partition} holds records in the format of Kafka before 0.11",
                    "Let the topic be written anew: brokers from 4.0 on no longer take that format",
                )
            if self.check_crcs and not batch.validate_crc():
                raise CorruptRecordError(f"the batch at offset {batch.base_offset} of {tp} fails its checksum")
            self.leader_epoch = batch.leader_epoch
            unwanted = self._is_unwanted(batch)
            self.next_fetch_offset = batch.next_offset
            if not unwanted:
                self.records_read += batch.records_count
                self.bytes_read += batch.size_in_bytes
                yield Batch(batch.last_offset, batch.base_offset, batch.records_count, _records(batch))
        self.drain()

    def _is_unwanted(self, batch: Any) -> bool:
        """Return whether a batch only marks a transaction or belongs to one that was aborted."""
        if batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
        return bool(batch.is_control_batch or self._is_batch_aborted(batch))


def _records(batch: Any) -> U8:
    data = np.frombuffer(batch._buffer, np.uint8)[batch._pos :]
    return data if batch.compression_type == 0 else uncompressed(batch.compression_type, data)


def _received(transport: Any) -> tuple[bytes, KafkaConnectionError | None]:
    """Return what a socket holds, in pieces of 256 KiB; kafka-python takes 4 KiB at a time."""
    pieces: list[bytes] = []
    size = 0
    while size < _AT_ONCE:
        try:
            piece = transport._sock.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            break
        except OSError as error:
            return b"".join(pieces), KafkaConnectionError(error)
        if not piece:
            return b"".join(pieces), KafkaConnectionError("socket disconnected")
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces), None


def _read(frame: KafkaBytes, size: int | None = None) -> bytes:
    """Return the next bytes of a frame with one copy in place of two."""
    start = frame._idx
    frame._idx = len(frame) if size is None else min(start + size, len(frame))
    return bytes(memoryview(frame)[start : frame._idx])


def hasten_client() -> None:
    """Let kafka-python receive in larger pieces, in this process; call it in a worker only."""
    KafkaTCPTransport._sock_recv = _received
    KafkaBytes.read = _read


def batched_consumer(options: dict[str, Any]) -> Any:
    """Return a consumer whose ``poll`` gives ``Batch`` objects.

    Raises:
        KafkaError: no broker answers.
    """
    consumer = connected_consumer(options)
    consumer._fetcher.PartitionRecords = _BatchedRecords
    return consumer
