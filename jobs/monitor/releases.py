"""The release log of a running job, read as it grows."""

from __future__ import annotations

from pathlib import Path

from jobs.monitor.tail import Tail
from udfs.releases.history import History, by_model
from udfs.releases.manifest import Record, decode


class Releases:
    """Reads a local release log once, then only what is new in it.

    Attributes:
        histories: by model.
    """

    def __init__(self, folder: Path) -> None:
        """Follow ``folder``, the ``releases`` folder of a registry."""
        self.histories: dict[str, History] = {}
        self._tail = Tail(folder)
        self._records: list[Record] = []

    def follow(self) -> bool:
        """Read what is new; return whether anything was.

        Raises:
            ReleaseError: a line is no record.
        """
        lines = self._tail.lines()
        if lines:
            self._records += [decode(line.text) for line in lines]
            self.histories = by_model(self._records)
        return bool(lines)
