"""Where the lanes of a source wait for each other, in whatever processes they are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.worker import tell
from udfs.locations import opened
from udfs.releases import storage

POLL_SECONDS = 1.0


class Rendezvous:
    """A directory that every process sees, with a file for each lane that has arrived.

    Lanes that are restored to before they arrived leave again. Some of the others may have gone on by then, which costs
    them the order among lanes for what is read anew, and nothing else: all positions are state.
    """

    def __init__(self, uri: str, lanes: int) -> None:
        """Keep the directory's path or URI, which need not exist, and how many lanes there are."""
        self._filesystem, self._path = opened(uri)
        self._wanted = {str(lane) for lane in range(lanes)}
        self._arrived: set[str] = set()
        self._left: set[int] = set()
        self._looked = float("-inf")
        self._complete = False

    def arrive(self, lane: int) -> bool:
        """Say that a lane has arrived; return whether all have. A directory that does not answer is waited for."""
        is_new = str(lane) not in self._arrived
        self._arrived.add(str(lane))
        if not self._complete and (is_new or time.monotonic() >= self._looked + POLL_SECONDS):
            with self._patience():
                self._look()
        return self._complete

    def _look(self) -> None:
        self._looked = time.monotonic()
        there = {str(info.base_name) for info in storage.files(self._filesystem, self._path)}
        for name in sorted(self._arrived - there):
            storage.write_whole(self._filesystem, f"{self._path}/{name}", b"")
        self._complete = self._wanted <= there | self._arrived

    def leave(self, lane: int) -> None:
        """Say that a lane has not arrived, though it may have before this process began."""
        if lane not in self._left:
            with self._patience():
                storage.delete(self._filesystem, f"{self._path}/{lane}")
                self._left.add(lane)

    @contextmanager
    def _patience(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            tell(f"source: {self._path} does not answer, trying on ({error})")
