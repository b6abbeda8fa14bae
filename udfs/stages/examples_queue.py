"""Examples that wait in a stage, in order: frames in, pieces of frames out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from udfs.frames import Frame, Kind, Ragged, decode, encode
from udfs.frames.concat import concat
from udfs.training.chance import LOT
from udfs.types import Arrays


def to_keep(frame: Frame, identified: bool) -> Frame:
    """Return an example frame with the columns, in order, that every frame in a queue has, and its partitions.

    Args:
        frame: the frame, or its memo where what identifies events is not kept.
        identified: whether ``id`` is kept.
    """
    columns: Arrays = {name: column for name, column in frame.columns.items() if name != "id"}
    ragged = {name: column for name, column in frame.ragged.items() if name != "sample"}
    none = Ragged(np.zeros(frame.n + 1, np.uint32), np.zeros(0, np.uint8))
    ragged["sample"] = frame.ragged.get("sample", none)
    if identified:
        columns["id"] = frame.columns["id"]
    columns["index"] = frame.columns.get("index", np.zeros(frame.n, np.uint32))
    columns[LOT] = frame.columns.get(LOT, np.zeros(frame.n, np.uint32))
    columns["turn"] = frame.columns.get("turn", np.zeros(frame.n, np.uint8))
    in_order = dict(sorted(columns.items())), dict(sorted(ragged.items()))
    return Frame(Kind.EXAMPLES, frame.n, {"parts": frame.meta["parts"]}, *in_order)


def pieces(frame: Frame, cuts: Iterable[int]) -> Iterator[Frame]:
    """Yield a frame in pieces, one of them beginning at each row in ``cuts`` that is inside it, in order."""
    for start, stop in pairwise([0, *(row for row in cuts if 0 < row < frame.n), frame.n]):
        yield frame if stop - start == frame.n else frame.slice(start, stop)


class ExamplesQueue:
    """Example frames of one shape, first in, first out."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def push(self, frame: Frame) -> None:
        """Put examples behind all others."""
        if frame.n:
            self._frames.append(frame)
            self._count += frame.n

    def take(self, n: int) -> Iterator[Frame]:
        """Take the oldest ``n`` examples, in pieces; the caller takes every piece."""
        self._count -= n
        while n:
            frame = self._frames.popleft()
            if frame.n > n:
                self._frames.appendleft(frame.slice(n, frame.n))
                frame = frame.slice(0, n)
            n -= frame.n
            yield frame

    def drop(self, n: int) -> int:
        """Drop the oldest ``n`` examples; return ``n``."""
        for _ in self.take(n):
            pass
        return n

    def dump(self) -> bytes:
        """Return the examples as one frame, the same however they came; nothing for none."""
        return encode(concat(list(self._frames))) if self._count else b""

    def load(self, part: bytes | memoryview) -> None:
        """Take what ``dump`` returned."""
        self._frames.clear()
        self._count = 0
        if part:
            self.push(decode(bytes(part)))
