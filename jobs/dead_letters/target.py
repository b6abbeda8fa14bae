"""The contract of a target: what events are sent anew to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jobs.dead_letters.item import Address, Item
from jobs.dead_letters.ledger import Ledger, Replay
from jobs.dead_letters.letter import Position


class Target(Protocol):
    """A topic or a directory. What is sent is recorded so that a crash at any moment neither loses nor doubles it."""

    def address(self, position: Position) -> Address:
        """Return where the event of a position goes.

        Raises:
            LookupError: nowhere that the job would read it, saying why.
        """
        ...

    def send(self, items: Sequence[Item], ledger: Ledger, now: int) -> None:
        """Send events, as one replay or as several, and record them.

        Args:
            items: the events.
            ledger: where they are recorded.
            now: microseconds since 1970.

        Raises:
            ReplayError: some could not be sent.
        """
        ...

    def takes(self, target: str) -> bool:
        """Return whether a replay to a target of this name can be finished here."""
        ...

    def complete(self, replay: Replay) -> Replay:
        """Finish a replay that was begun; return it with what arrived, and without what did not."""
        ...
