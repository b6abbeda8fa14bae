"""The strings that hashes in histories stand for, of users whose rows are compared with a release."""

from __future__ import annotations

from collections.abc import Sequence

MAX_STRINGS = 8192
MAX_LENGTH = 256
"""Of one history: the most strings, and the longest."""


class Strings:
    """Strings by hash, those kept that came up last; of two with one hash either will do, for models see the hash."""

    def __init__(self) -> None:
        self._by_hash: dict[int, str] = {}

    def add(self, hash32: int, string: str) -> None:
        """Keep a string; one that is too long is left out."""
        if len(string) > MAX_LENGTH:
            return
        self._by_hash.pop(hash32, None)
        self._by_hash[hash32] = string
        if len(self._by_hash) > MAX_STRINGS:
            del self._by_hash[next(iter(self._by_hash))]

    def of(self, hashes: Sequence[int]) -> list[str] | None:
        """Return their strings; None where one is not known."""
        found = [self._by_hash.get(one) for one in hashes]
        known = [string for string in found if string is not None]
        return known if len(known) == len(found) else None

    def dump(self) -> list[tuple[int, str]]:
        """Return them, the newest last."""
        return list(self._by_hash.items())

    def load(self, dumped: Sequence[tuple[int, str]]) -> None:
        """Take what ``dump`` returned."""
        self._by_hash = {hash32: string for hash32, string in dumped}
