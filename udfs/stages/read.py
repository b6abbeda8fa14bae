"""The stage of one lane of the source: how far each of its partitions has been read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from udfs.frames import Frame, Kind, encode
from udfs.quality.clocks import Dial
from udfs.schema.decoder import decoder_of
from udfs.stages.stage import Output

DONE = -1
"""The position of a file that was read to its end."""

ARCHIVE = "archive"
"""Stands for all files of a lane that goes on to topics, in place of each of them: its position is ``DONE``."""


def positions_frame(
    positions: Mapping[str, int], gone: Sequence[str] = (), dials: Mapping[str, Dial] | None = None, low: int = 0
) -> bytes:
    """Return the frame that moves partitions to new positions and forgets those that are ``gone``.

    Args:
        positions: of partitions that moved.
        gone: partitions to forget.
        dials: clocks that moved.
        low: the time that the lane has reached.
    """
    meta = {"positions": dict(positions), "gone": list(gone), "dials": dict(dials or {}), "low": low}
    return encode(Frame(Kind.POSITIONS, meta=meta))


_DUMP = decoder_of(tuple[bool, list[tuple[str, int]], list[tuple[str, Dial]], int])


class ReadStage:
    """Keeps positions; what stands between two of them leaves through the adapter, which does the reading.

    Attributes:
        positions: of each partition the offset of the next record, or the next byte of a file, or ``DONE``.
        dials: the clocks of partitions; of a file only while it is read.
        low: the time that the lane has reached: earlier events are too late.
        begun: whether the lane was ever read: only before does the configured start position count.
    """

    name: ClassVar[str] = "read"
    version: ClassVar[int] = 2

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.dials: dict[str, Dial] = {}
        self.low = 0
        self.begun = False

    def process(self, frame: Frame) -> Iterator[Output]:
        """Take new positions; there is no output."""
        if frame.kind == Kind.POSITIONS:
            self.begun = True
            self.positions |= frame.meta["positions"]
            self.dials |= frame.meta["dials"]
            self.low = max(self.low, frame.meta["low"])
            done = (name for name, at in frame.meta["positions"].items() if at == DONE)
            for name in (*done, *frame.meta["gone"]):
                self.dials.pop(name, None)
            for name in frame.meta["gone"]:
                self.positions.pop(name, None)
        yield from ()

    def memo(self, frame: Frame) -> Frame:
        """Return the frame: positions are all that it holds."""
        return frame

    def dump(self) -> Iterator[bytes]:
        """Yield the positions in the order in which they came up."""
        yield msgspec.json.encode((self.begun, list(self.positions.items()), list(self.dials.items()), self.low))

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        self.begun, positions, dials, self.low = _DUMP.decode(parts[0])
        self.positions, self.dials = dict(positions), dict(dials)
