"""The contract of a reader: blocks of records of one lane, from the positions that the lane's state keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from udfs.errors import HeadraceError
from udfs.types import I64, U8


class SourceError(HeadraceError):
    """A source that cannot be read on without losing something."""


class Block(NamedTuple):
    """Consecutive records of one partition.

    Attributes:
        part: the partition's name: ``topic/number``, or a file's path.
        data: uint8: bytes that hold them.
        records: int64 (n, 2): where each begins and ends.
        offsets: int64 (n,): the offset of each; of lines in a file, the byte that the first of them begins at.
    """

    part: str
    data: U8
    records: I64
    offsets: I64


@dataclass
class Reading:
    """What one call found.

    Attributes:
        blocks: the records, in order within each partition.
        positions: where the partitions that moved go on, ``DONE`` for a file at its end.
        gone: partitions that need not be remembered any longer.
        behind: records (topics) or bytes (files) that are known to be still unread.
        more: whether reading on at once would find something.
        parts: all that the lane reads now, as far as event time is concerned.
        unread: those of them that are not known to be read to their newest record.
        held: whether the lane goes on only when others have come as far: it is not silent, though nothing is read.
        ended: whether the input is bounded and was read to its end.
    """

    blocks: list[Block] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    behind: int = 0
    more: bool = False
    parts: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    held: bool = False
    ended: bool = False


class Reader(Protocol):
    """Reads lanes, in a worker."""

    def read(self, lane: int, positions: Mapping[str, int], begun: bool, times: Mapping[str, int]) -> Reading | None:
        """Read on in a lane; never wait long.

        Args:
            lane: which one.
            positions: how far each of its partitions was read.
            begun: whether the lane was ever read.
            times: the event time that partitions have reached, as far as it is known.

        Returns:
            What was found; None where the source does not answer, which is waited for.

        Raises:
            SourceError: records that were not read are gone.
        """
        ...

    def close(self) -> None:
        """Release what was acquired."""
        ...


class Source(Protocol):
    """Describes what is read; made where the job is planned, and shipped to the workers."""

    def open(self) -> Reader:
        """Return a reader."""
        ...

    def topic_of(self, part: str) -> str:
        """Return the topic whose events a partition or file holds; empty where it is of none."""
        ...
