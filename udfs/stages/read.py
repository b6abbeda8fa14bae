"""The stage of one lane of the source: how far each of its partitions has been read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from udfs.frames import Frame, Kind, encode
from udfs.stages.stage import Output

DONE = -1
"""The position of a file that was read to its end."""


def positions_frame(positions: Mapping[str, int], gone: Sequence[str] = ()) -> bytes:
    """Return the frame that moves partitions to new positions and forgets those that are ``gone``."""
    return encode(Frame(Kind.POSITIONS, meta={"positions": dict(positions), "gone": list(gone)}))


class ReadStage:
    """Keeps positions; what stands between two of them leaves through the adapter, which does the reading.

    Attributes:
        positions: of each partition the offset of the next record, or the next byte of a file, or ``DONE``.
        begun: whether the lane was ever read: only before does the configured start position count.
    """

    name: ClassVar[str] = "read"
    version: ClassVar[int] = 1

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.begun = False

    def process(self, frame: Frame) -> Iterator[Output]:
        """Take new positions; there is no output."""
        if frame.kind == Kind.POSITIONS:
            self.begun = True
            self.positions |= frame.meta["positions"]
            for name in frame.meta["gone"]:
                self.positions.pop(name, None)
        yield from ()

    def memo(self, frame: Frame) -> Frame:
        """Return the frame: positions are all that it holds."""
        return frame

    def dump(self) -> Iterator[bytes]:
        """Yield the positions in the order in which they came up."""
        yield msgspec.json.encode((self.begun, list(self.positions.items())))

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        self.begun, positions = msgspec.json.decode(parts[0], type=tuple[bool, list[tuple[str, int]]])
        self.positions = dict(positions)
