"""Frames come back as they went out, or not at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.errors import FrameError
from udfs.frames import Frame, Kind, Ragged, decode, encode
from udfs.types import Column

DTYPES = ("<u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4", "<f8", "|b1")
names = st.text(min_size=1, max_size=6)
metas = st.dictionaries(
    names,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
        max_leaves=6,
    ),
    max_size=3,
)


@st.composite
def frames(draw: st.DrawFn, smallest: int = 0) -> Frame:
    n = draw(st.integers(smallest, 5))

    def column(shape: tuple[int, ...]) -> Column:
        dtype = np.dtype(draw(st.sampled_from(DTYPES)))
        count = int(np.prod(shape))
        data = draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize))
        bits: Column = np.frombuffer(data, np.uint8).view(dtype if dtype != np.bool_ else np.uint8).reshape(shape)
        return bits if dtype != np.bool_ else bits > 127

    shapes = draw(st.dictionaries(names, st.sampled_from([(n,), (n, 0), (n, 3)]), max_size=4))
    ragged = {}
    for name in draw(st.lists(names, max_size=2, unique=True)):
        lengths = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
        pointers = np.cumsum([0, *lengths]).astype(np.uint32)
        ragged[name] = Ragged(pointers, column((int(pointers[-1]),)))
    columns = {name: column(shape) for name, shape in shapes.items()}
    return Frame(draw(st.sampled_from(list(Kind))), n, draw(metas), columns, ragged)


def plain(frame: Frame) -> tuple[Any, ...]:
    def array(column: Column) -> tuple[Any, ...]:
        return column.dtype.str, column.shape, column.tobytes()

    columns = [(name, array(column)) for name, column in frame.columns.items()]
    ragged = [(name, array(column.pointers), array(column.values)) for name, column in frame.ragged.items()]
    return frame.kind, frame.n, frame.meta, columns, ragged


@settings(deadline=None, max_examples=300)
@given(frame=frames())
def test_round_trip(frame: Frame) -> None:
    data = encode(frame)
    assert plain(decode(data)) == plain(frame)
    assert plain(decode(memoryview(data))) == plain(frame)
    assert encode(decode(data)) == data


@settings(deadline=None, max_examples=300)
@given(frame=frames(), place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found(frame: Frame, place: int, bit: int) -> None:
    data = bytearray(encode(frame))
    data[place % len(data)] ^= 1 << bit
    with pytest.raises(FrameError):
        decode(bytes(data))


@settings(deadline=None, max_examples=300)
@given(frame=frames(), place=st.integers(0), more=st.binary(min_size=1, max_size=9))
def test_a_cut_or_a_longer_frame_is_found(frame: Frame, place: int, more: bytes) -> None:
    data = encode(frame)
    for damaged in (data[: place % len(data)], data + more):
        with pytest.raises(FrameError):
            decode(damaged)


@settings(deadline=None, max_examples=300)
@given(data=st.binary(max_size=60))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for given_bytes in (data, b"HRF\x01" + data):
        with pytest.raises(FrameError):
            decode(given_bytes)


def test_users_and_devices_of_a_bucket_take_a_byte_each() -> None:
    rng = np.random.default_rng(1)
    few = rng.integers(0, 1 << 64, 100, np.uint64)[rng.integers(0, 100, 4000)]
    single = np.stack((few.astype(np.uint32), rng.integers(0, 1 << 32, 4000, np.uint32)), axis=1)
    data = encode(Frame(Kind.EVENTS, 4000, {}, {"user": few, "single": single}))
    assert len(data) < 4000 * (1 + 1 + 4) + 100 * (8 + 4) + 200
    found = decode(data).columns
    assert (found["user"] == few).all()
    assert (found["single"] == single).all()


def test_every_bit_of_one_frame() -> None:
    data = encode(Frame(Kind.EVENTS, 2, {"now": 1}, {"x": np.array([1.0, 2.0])}, {"r": Ragged.of_bytes([b"a", b"bc"])}))
    for place in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << (place % 8)
        with pytest.raises(FrameError, match="restart from the last checkpoint"):
            decode(bytes(damaged))


@settings(deadline=None)
@given(frame=frames())
def test_columns_are_aligned_read_only_views(frame: Frame) -> None:
    found = decode(encode(frame))
    for column in (*found.columns.values(), *(ragged.values for ragged in found.ragged.values())):
        assert column.flags.aligned
        assert not column.flags.writeable
        assert column.ctypes.data % 8 == 0 or not column.size


@settings(deadline=None, max_examples=200)
@given(frame=frames(), cut=st.tuples(st.integers(0, 5), st.integers(0, 5)))
def test_slices_hold_just_their_rows(frame: Frame, cut: tuple[int, int]) -> None:
    start, stop = sorted(min(place, frame.n) for place in cut)
    part = decode(encode(frame.slice(start, stop)))
    assert part.n == stop - start
    assert part.meta == frame.meta
    for name, column in frame.columns.items():
        assert part.columns[name].tobytes() == column[start:stop].tobytes()
    for name, ragged in frame.ragged.items():
        assert len(part.ragged[name]) == part.n
        rows = [ragged.bytes_at(i) for i in range(start, stop)]
        assert [part.ragged[name].bytes_at(i) for i in range(part.n)] == rows
        assert part.ragged[name].pointers[0] == 0


@settings(deadline=None, max_examples=200)
@given(frame=frames(smallest=1), rows=st.lists(st.integers(0), max_size=6))
def test_rows_taken_from_ragged_columns(frame: Frame, rows: list[int]) -> None:
    chosen = [row % frame.n for row in rows]
    for ragged in frame.ragged.values():
        taken = ragged.take(np.array(chosen, np.int64))
        assert [taken.bytes_at(i) for i in range(len(taken))] == [ragged.bytes_at(row) for row in chosen]


def test_rows_one_by_one() -> None:
    frame = Frame(Kind.EVENTS, 3, {"a": 1}, {"x": np.arange(3)}, {"r": Ragged.of_bytes([b"a", b"", b"bc"])})
    assert [(row.n, row.columns["x"].tolist(), row.ragged["r"].bytes_at(0)) for row in frame.rows()] == [
        (1, [0], b"a"),
        (1, [1], b""),
        (1, [2], b"bc"),
    ]
