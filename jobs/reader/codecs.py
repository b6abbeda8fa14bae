"""Compressed record batches: gzip, snappy (in Kafka's framing of blocks), lz4 and zstd, by the codecs of pyarrow."""

from __future__ import annotations

import zlib

import numpy as np
import pyarrow as pa

from jobs.reader.reader import SourceError
from udfs.types import U8

_NAMES = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_XERIAL = b"\x82SNAPPY\x00"
_XERIAL_HEADER = 16
_DENSEST = 64
"""Snappy's densest element makes 64 bytes out of 3."""


def uncompressed(codec: int, data: U8) -> U8:
    """Return what was compressed with the codec that a batch's attributes name.

    Raises:
        SourceError: the codec is unknown, or the data were damaged.
    """
    name = _NAMES.get(codec, "")
    try:
        if name == "gzip":
            return np.frombuffer(zlib.decompress(data.data, wbits=31), np.uint8)
        if name == "snappy":
            return np.frombuffer(_snappy(data.tobytes()), np.uint8)
        if name:
            with pa.CompressedInputStream(pa.BufferReader(pa.py_buffer(data)), name) as stream:
                return np.frombuffer(stream.read(), np.uint8)
    except (zlib.error, OSError, pa.ArrowException, ValueError) as error:
        raise SourceError(f"A record batch cannot be unpacked by {name} ({error})", "Check the topic's log") from error
    raise SourceError(f"A record batch is packed with codec {codec}", f"Use one of {', '.join(_NAMES.values())}")


def _snappy(data: bytes) -> bytes:
    """Return the blocks of xerial's snappy framing, or of one bare block, put together."""
    if not data.startswith(_XERIAL):
        return _block(data)
    blocks, at = [], _XERIAL_HEADER
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        blocks.append(_block(data[at + 4 : at + 4 + size]))
        at += 4 + size
    return b"".join(blocks)


def _block(data: bytes) -> bytes:
    """Unpack one block, which begins with its unpacked length as a varint."""
    length = shift = 0
    for byte in data[:5]:
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    if length > _DENSEST * len(data):
        raise ValueError(f"{len(data)} bytes cannot hold {length}")
    unpacked: bytes = pa.Codec("snappy").decompress(data, length, asbytes=True)
    return unpacked
