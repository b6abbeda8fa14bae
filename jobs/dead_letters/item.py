"""An event that can be sent anew, and where it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from jobs.dead_letters.ledger import Entry
from jobs.dead_letters.letter import Letter
from jobs.dead_letters.trial import Verdict

MOST: Final = 10_000
"""The most events of one replay: a larger choice becomes several, each recorded for itself."""


class Address(NamedTuple):
    """Where an event goes.

    Attributes:
        topic: the topic; empty for files.
        partition: its partition; None where the producer chooses, and for files.
    """

    topic: str = ""
    partition: int | None = None

    @property
    def part(self) -> str:
        """Return the partition's name, ``topic/number``; empty where it is not known."""
        return "" if self.partition is None else f"{self.topic}/{self.partition}"


@dataclass(frozen=True)
class Item:
    """An event that can be sent.

    Attributes:
        letter: its dead letter.
        entry: what the ledger will say of it.
        line: its bytes, as they came in.
        columns: the names of its columns, for CSV.
        address: where it goes.
        verdict: what the configuration will make of it.
    """

    letter: Letter
    entry: Entry
    line: bytes
    columns: tuple[str, ...]
    address: Address
    verdict: Verdict


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut events into replays."""
    for start in range(0, len(items), MOST):
        yield items[start : start + MOST]
