"""The newest learned rows that carry their cleaned fields: a release is compared with its learner on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from udfs.frames import Frame, decode, encode
from udfs.training.chance import LOT

KEPT = 64
_IDENTITY = ("id", LOT, "part", "offset", "index")


class Samples:
    """The newest ``KEPT`` rows."""

    def __init__(self) -> None:
        self._pieces: list[Frame] = []

    def add(self, frame: Frame) -> None:
        """Remember rows of an example frame."""
        if "sample" not in frame.ragged:
            return
        rows = np.flatnonzero(np.diff(frame.ragged["sample"].pointers))[-KEPT:]
        if len(rows):
            # Where a row came from depends on the batch that it came in, and its scores do not.
            self._pieces.append(frame.take(rows, [name for name in frame.columns if name not in _IDENTITY]))
        while sum(piece.n for piece in self._pieces[1:]) >= KEPT:
            del self._pieces[0]

    def rows(self) -> list[Frame]:
        """Return them, each as a frame."""
        return [row for piece in self._pieces for row in piece.rows()][-KEPT:]

    def dump(self) -> Iterator[bytes]:
        """Yield each row."""
        return map(encode, self.rows())

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        self._pieces = [decode(bytes(part)) for part in parts]
