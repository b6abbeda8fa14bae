"""Payloads larger than a frame should be, cut into frames and put together again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from udfs.frames import Frame, Kind, encode
from udfs.stages.parts import split

CHUNK_BYTES = 4 << 20


def cut(parts: Sequence[bytes | memoryview], meta: dict[str, Any]) -> Iterator[bytes]:
    """Yield encoded WEIGHTS frames that carry the parts, at most ``CHUNK_BYTES`` each; every one holds ``meta``."""
    lengths = [len(part) for part in parts]
    blob = b"".join(parts)
    count = max(1, -(-len(blob) // CHUNK_BYTES))
    for i in range(count):
        chunk = np.frombuffer(blob, np.uint8)[i * CHUNK_BYTES : (i + 1) * CHUNK_BYTES]
        header = {**meta, "chunk": i, "chunks": count, "lengths": lengths}
        yield encode(Frame(Kind.WEIGHTS, len(chunk), header, {"data": chunk}))


def join(chunks: Sequence[bytes], lengths: Sequence[int]) -> list[bytes]:
    """Return the parts that these chunks carry."""
    return split(b"".join(chunks), lengths)
