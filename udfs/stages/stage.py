"""The contract of a stage: a deterministic state machine between frames, and all that it may put out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import ClassVar, Final, NamedTuple, Protocol

from udfs.frames import Frame


class Route(IntEnum):
    """Where an output goes: to the next vertex, or past it to the one behind; all others leave."""

    NEXT = 0
    DEAD_LETTER = 1
    RELEASE = 2
    REPORT = 3
    FILE = 4
    PAST = 5


class Output(NamedTuple):
    """One output of a stage.

    Attributes:
        route: where it goes.
        key: for NEXT and PAST, the integer key of that stage's state; else 0.
        payload: for NEXT and PAST an encoded frame; for FILE the file's bytes; else one JSON document.
        name: for FILE, the path below the registry, which contains the SHA-256 of the payload.
    """

    route: Route
    key: int
    payload: bytes
    name: str = ""


MEMO: Final = "memo"
"""The key in a frame's header that says, to the stage that made it, that outputs cannot be made from it."""


CUTS: Final = "cuts"
"""The key in a frame's header with numbers of waiting rows, counted from the first that the frame has come out, before
each of which the stage begins a new piece."""


class LateFailure(Exception):
    """Rows that came with earlier frames, and waited in the state, failed in one piece.

    The caller gives the frame at hand to the restored stage again, with ``CUTS`` in its header that cut the piece,
    until one row fails alone. It sends that row back, as a reject whose header has ``late``: [partition, offset,
    index]. The stage skips the row from then on, and is given the frame at hand again.

    Attributes:
        rows: a frame of the rows.
        first: the number of the first of them.
        now: ingest time, microseconds since 1970.
    """

    def __init__(self, rows: Frame, first: int, now: int) -> None:
        super().__init__("rows that waited failed")
        self.rows, self.first, self.now = rows, first, now

    def cuts(self, pieces: int) -> range:
        """Return the numbers at which to cut the rows into about so many pieces."""
        return range(self.first, self.first + self.rows.n, -(-self.rows.n // pieces))


class Stage(Protocol):
    """A stage for one key.

    The law, tested for every stage: crash anywhere, load the base, replay the memos since; the dump, and every later
    output, are byte for byte those of a run that never crashed, however the stream is cut into frames.

    So a stage reads no clock, draws no unseeded random number, iterates over no set of strings, writes no file. Time
    arrives in frames; chance is a hash of what arrived. ``process`` may leave the stage half changed when it raises:
    the caller then throws the object away and restores another.

    Attributes:
        name: the stage's name in state, metrics and errors.
        version: raised with every change of what ``dump`` writes or ``process`` does to the state.
    """

    name: ClassVar[str]
    version: ClassVar[int]

    def process(self, frame: Frame) -> Iterable[Output]:
        """Take one frame of any kind; the caller consumes every output before the next call."""
        ...

    def memo(self, frame: Frame) -> Frame:
        """Return what the journal keeps of a frame that was processed: the frame, or less with the same effect.

        Pure. Processing the memo leaves the state as processing the frame does; what it puts out is thrown away, so a
        memo lacks what only outputs need.
        """
        ...

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield the state as byte strings, equal for equal states."""
        ...

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take a state that ``dump`` yielded, part for part; called once, before any frame."""
        ...
