"""One key's durable entries in Flink's keyed state."""

from __future__ import annotations

from typing import Any

from pyflink.datastream.state import ListState


def integer(key: Any) -> int:
    """Return Flink's key: a Row while an element is processed, a plain integer in some timers."""
    return int(key) if isinstance(key, int) else int(key[0])


class FlinkStore:
    """A key's list state as the store of a ``Keeper``; valid only while Flink's current key is that key."""

    def __init__(self, state: ListState) -> None:
        self._state = state

    def read(self) -> list[bytes]:
        """Return all entries."""
        return list(self._state.get() or ())

    def append(self, entry: bytes) -> None:
        """Add an entry."""
        self._state.add(entry)

    def replace(self, entries: list[bytes]) -> None:
        """Put these entries in place of all others."""
        self._state.update(entries)
