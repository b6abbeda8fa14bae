from __future__ import annotations

import gzip
import struct

import numpy as np
import pyarrow as pa
import pytest

from jobs.reader.codecs import uncompressed
from jobs.reader.reader import SourceError

PLAIN = b"records " * 5_000


def packed(name: str) -> bytes:
    if name == "gzip":
        return gzip.compress(PLAIN)
    if name == "snappy":
        return bytes(pa.compress(PLAIN, "snappy", asbytes=True))
    if name == "xerial":
        halves = [pa.compress(half, "snappy", asbytes=True) for half in (PLAIN[:20_000], PLAIN[20_000:])]
        return b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1) + b"".join(struct.pack(">i", len(h)) + h for h in halves)
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, name) as stream:
        stream.write(PLAIN)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(("codec", "name"), [(1, "gzip"), (2, "snappy"), (2, "xerial"), (3, "lz4"), (4, "zstd")])
def test_unpacked_as_packed(codec: int, name: str) -> None:
    assert uncompressed(codec, np.frombuffer(packed(name), np.uint8)).tobytes() == PLAIN


@pytest.mark.parametrize(("codec", "name"), [(1, "gzip"), (2, "snappy"), (3, "lz4"), (4, "zstd")])
def test_damaged_data_are_refused(codec: int, name: str) -> None:
    with pytest.raises(SourceError, match=f"cannot be unpacked by {name}"):
        uncompressed(codec, np.frombuffer(b"\xff" * 40, np.uint8))


def test_an_unknown_codec_is_named() -> None:
    with pytest.raises(SourceError, match="codec 5"):
        uncompressed(5, np.zeros(3, np.uint8))
