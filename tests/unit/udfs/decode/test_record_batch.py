"""Record batches, as kafka-python writes and reads them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from udfs.decode.record_batch import record_spans
from udfs.errors import FrameError
from udfs.types import U8

Record = tuple[int, bytes | None, bytes | None, list[tuple[str, bytes | None]]]
HEADER = DefaultRecordBatch.HEADER_STRUCT.size
records = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.none() | st.binary(max_size=200),
        st.none() | st.binary(max_size=300),
        st.lists(st.tuples(st.text(max_size=4), st.none() | st.binary(max_size=8)), max_size=2),
    ),
    min_size=1,
    max_size=12,
)


def batch_of(written: list[Record]) -> bytes:
    """Return a batch; each record's first number is the gap of offsets in front of it, as compaction leaves them."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    offset = 0
    for gap, key, value, headers in written:
        offset += gap
        assert builder.append(offset, 1_700_000_000_000 + 17 * offset, key, value, headers) is not None
        offset += 1
    return bytes(builder.build())


def values(data: U8, base: int, count: int, first: int, end: int) -> list[tuple[int, bytes]]:
    spans, offsets = np.empty((count, 2), np.int64), np.empty(count, np.int64)
    n = record_spans(data, HEADER, len(data), count, base, first, end, spans, offsets, 0)
    return [(int(offsets[i]), data[spans[i, 0] : spans[i, 1]].tobytes()) for i in range(n)]


@settings(deadline=None, max_examples=200)
@given(records, st.integers(0, 20), st.integers(0, 40))
def test_as_the_client_reads_them(written: list[Record], first: int, end: int) -> None:
    raw = batch_of(written)
    expected = [(record.offset, record.value or b"") for record in DefaultRecordBatch(raw)]
    data = np.frombuffer(raw, np.uint8)
    assert values(data, 0, len(written), 0, 1 << 62) == expected
    assert values(data, 0, len(written), first, end) == [pair for pair in expected if first <= pair[0] < end]


@settings(deadline=None, max_examples=200)
@given(records, st.data())
def test_damaged_bytes_are_refused_or_stay_within_the_batch(written: list[Record], draw: st.DataObject) -> None:
    raw = bytearray(batch_of(written))
    for _ in range(draw.draw(st.integers(1, 4))):
        raw[draw.draw(st.integers(HEADER, len(raw) - 1))] = draw.draw(st.integers(0, 255))
    spans, offsets = np.zeros((len(written), 2), np.int64), np.zeros(len(written), np.int64)
    data = np.frombuffer(bytes(raw), np.uint8)
    try:
        n = record_spans(data, HEADER, len(data), len(written), 0, 0, 1 << 62, spans, offsets, 0)
    except FrameError:
        return
    assert ((spans[:n] >= HEADER) & (spans[:n] <= len(data))).all()
    assert (spans[:n, 0] <= spans[:n, 1]).all()


def test_bytes_that_are_left_over_are_refused() -> None:
    data = np.frombuffer(batch_of([(0, None, b"value", [])]) + b"\0", np.uint8)
    with pytest.raises(FrameError, match="offset 0 does not follow the protocol"):
        values(data, 0, 1, 0, 10)
