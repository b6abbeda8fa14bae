"""Frames as bytes: versioned, checked, aligned, and read back without a copy where they are stored as they are.

Layout, little-endian: ``HRF`` and a version byte; the length of the header (4 bytes), which also seeds the check; XXH64
of all that follows (8 bytes); the header in MessagePack (kind, rows, meta, columns); then every array at a multiple of
8 bytes, each in as few bytes as hold it exactly (``udfs.frames.narrow``). Of a ragged column there are the lengths of
its rows, then its values.
"""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec
import numpy as np

from udfs.errors import FrameError
from udfs.frames.frame import Frame, Kind
from udfs.frames.narrow import Packing, pack, stored, unpack
from udfs.frames.ragged import Ragged
from udfs.hashing import checksum
from udfs.types import U32, Column

MAGIC: Final = b"HRF\x03"
_START: Final = 16
_PADDING: Final = bytes(8)
_LENGTH: Final = np.dtype(np.uint32)
_REMEDY: Final = "The sender runs another version, or the bytes were damaged: restart from the last checkpoint"

_Array = tuple[str, str, tuple[int, ...], Packing]


class _Header(msgspec.Struct, array_like=True):
    kind: int
    n: int
    meta: dict[str, Any]
    columns: list[_Array]
    ragged: list[tuple[Packing, _Array]]


_HEADERS = msgspec.msgpack.Decoder(_Header)
_ENCODER = msgspec.msgpack.Encoder()


def _pack(name: str, array: Column, stored: list[Column]) -> _Array:
    packing, data = pack(array)
    stored.append(data)
    return name, array.dtype.str, array.shape, packing


def _pack_lengths(pointers: U32, stored: list[Column]) -> Packing:
    packing, data = pack(pointers[1:] - pointers[:-1])
    stored.append(data)
    return packing


def encode(frame: Frame) -> bytes:
    """Return the frame as bytes."""
    arrays: list[Column] = []
    columns = [_pack(name, column, arrays) for name, column in frame.columns.items()]
    ragged_columns = [
        (_pack_lengths(column.pointers, arrays), _pack(name, column.values, arrays))
        for name, column in frame.ragged.items()
    ]
    header = _ENCODER.encode(_Header(int(frame.kind), frame.n, frame.meta, columns, ragged_columns))
    parts: list[bytes | memoryview] = [header, bytes(-len(header) % 8)]
    for array in arrays:
        parts += (np.ascontiguousarray(array).data, _PADDING[: -array.nbytes % 8])
    body = b"".join(parts)
    start = len(header).to_bytes(4, "little") + checksum(body, len(header)).to_bytes(8, "little")
    return b"".join((MAGIC, start, body))


def _arrays(data: bytes | memoryview, header: _Header, start: int) -> Frame:
    position = start

    def read(dtype: np.dtype[Any], shape: tuple[int, ...], packing: Packing) -> Any:
        nonlocal position
        array = np.frombuffer(data, *stored(packing, dtype, math.prod(shape)), position)
        position += array.nbytes + -array.nbytes % 8
        return unpack(packing, array, dtype, shape)

    frame = Frame(Kind(header.kind), header.n, header.meta)
    for name, dtype, shape, packing in header.columns:
        frame.columns[name] = read(np.dtype(dtype), shape, packing)
    for lengths, (name, dtype, shape, packing) in header.ragged:
        pointers = np.zeros(header.n + 1, np.uint32)
        np.cumsum(read(_LENGTH, (header.n,), lengths), out=pointers[1:])
        pointers.flags.writeable = False
        frame.ragged[name] = Ragged(pointers, read(np.dtype(dtype), shape, packing))
    if position != len(data):
        raise FrameError(f"A frame ends at byte {position} of {len(data)}", _REMEDY)
    return frame


def decode(data: bytes | memoryview) -> Frame:
    """Read a frame; a column that is stored as it is is a read-only view into ``data``.

    Raises:
        FrameError: these bytes are no frame of this version, or a bit of them has changed.
    """
    if len(data) < _START or bytes(data[:4]) != MAGIC:
        raise FrameError(f"Not a frame of version {MAGIC[3]}: it begins with {bytes(data[:4])!r}", _REMEDY)
    length = int.from_bytes(data[4:8], "little")
    body = memoryview(data)[_START:]
    if checksum(body, length) != int.from_bytes(data[8:_START], "little"):
        raise FrameError(f"The checksum of a frame of {len(data)} bytes does not match", _REMEDY)
    try:
        return _arrays(data, _HEADERS.decode(body[:length]), _START + length + -length % 8)
    except (msgspec.MsgspecError, ValueError, TypeError, IndexError) as error:
        raise FrameError(f"The header of a frame does not fit its body ({error})", _REMEDY) from error
