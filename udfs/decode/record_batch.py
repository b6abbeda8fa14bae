"""The records of a Kafka record batch (magic 2) as spans of its bytes, without an object for each.

A record is a varint length, one byte of attributes, varints for time and offset deltas, then key and value, each a
varint length and that many bytes, then headers. Source: "Record Batch" in the Kafka protocol guide.
"""

from __future__ import annotations

import numpy as np

from udfs.errors import FrameError
from udfs.jit import kernel
from udfs.types import I64, U8


@kernel
def _varint(data: U8, i: int, stop: int) -> tuple[int, int]:
    """Return the value of the zigzag varint at ``i`` and where it ends, -1 where it does not end."""
    value = np.uint64(0)
    shift = np.uint64(0)
    while i < stop and shift < 64:
        byte = np.uint64(data[i])
        i += 1
        value |= (byte & np.uint64(127)) << shift
        if byte < 128:
            signed: int = np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1))  # type: ignore[assignment]
            return signed, i
        shift += np.uint64(7)
    return 0, -1


@kernel
def _spans(
    data: U8, i: int, stop: int, count: int, base: int, first: int, end: int, spans: I64, offsets: I64, out: int
) -> int:
    """Write the wanted records from ``out`` on; return how many there are then, or -1."""
    for _ in range(count):
        length, i = _varint(data, i, stop)
        if i < 0 or length < 0 or length > stop - i:
            return -1
        after = i + length
        _, i = _varint(data, i + 1, after)
        if i < 0:
            return -1
        delta, i = _varint(data, i, after)
        if i < 0:
            return -1
        key, i = _varint(data, i, after)
        if i < 0 or key > after - i:
            return -1
        size, i = _varint(data, i + max(key, 0), after)
        if i < 0 or size > after - i:
            return -1
        if first <= base + delta < end:
            spans[out, 0], spans[out, 1] = i, i + max(size, 0)
            offsets[out] = base + delta
            out += 1
        i = after
    return out if i == stop else -1


def record_spans(
    data: U8, start: int, stop: int, count: int, base: int, first: int, end: int, spans: I64, offsets: I64, out: int
) -> int:
    """Find the values of a batch's records; a null value is an empty span.

    Args:
        data: uint8: the uncompressed records of one batch at ``start:stop``.
        start: where they begin.
        stop: where they end.
        count: how many the batch's header says there are.
        base: the batch's base offset.
        first: records at smaller offsets are left out.
        end: records from this offset on are left out.
        spans: int64 (n, 2), out: where each value begins and ends.
        offsets: int64 (n,), out.
        out: the first row to write.

    Returns:
        The row behind the last one written.

    Raises:
        FrameError: the records do not fill these bytes as the protocol says.
    """
    written = int(_spans(data, start, stop, count, base, first, end, spans, offsets, out))
    if written < 0:
        raise FrameError(
            f"The record batch at offset {base} does not follow the protocol",
            "Check the topic's log with Kafka's tools",
        )
    return written
