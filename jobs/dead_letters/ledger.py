"""The ledger: which dead letters were sent anew, how often, and where to.

Sources hand on neither headers nor marks, so the ledger is what links a letter to the one that it descends from: it
knows the position that every event was sent to, by which an event that fails again is recognised.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from pyarrow import fs

from jobs.dead_letters.errors import ReplayError
from udfs.errors import ConfigurationError
from udfs.locations import opened
from udfs.releases import storage

NAME: Final = "replays"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event that was sent anew.

    Attributes:
        letter: the position that its dead letter names.
        first: the position at which the event stood first, before any replay.
        attempt: how often the event has been sent anew, this time included.
        sent: the position that it was sent to; empty as long as that is not known.
    """

    letter: str
    first: str
    attempt: int
    sent: str = ""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """Some events that were sent together.

    Attributes:
        digest: of what was sent, see ``digest_of``.
        target: the topic or the file that they went to.
        done: whether all that is known of it is written here; else it was begun, and may have been sent in part.
        written: when, microseconds since 1970.
        starts: of a topic, where each partition ended before, by ``topic/number``.
        entries: the events, in the order in which they were sent.
    """

    digest: str
    target: str
    done: bool
    written: int
    starts: dict[str, int] = {}
    entries: tuple[Entry, ...]


def digest_of(target: str, entries: Sequence[Entry]) -> str:
    """Return a name of these attempts at these letters, the same whenever it is asked."""
    text = "\n".join([target, *sorted(f"{entry.letter} {entry.attempt}" for entry in entries)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Ledger:
    """The documents ``replay-DIGEST.json`` of a directory, which need not exist before the first is written."""

    def __init__(self, uri: str | None) -> None:
        """Read it; without a directory it is empty and takes nothing.

        Raises:
            ReplayError: a document is damaged, so that what was sent is not known.
        """
        self.uri = uri
        self.reload()

    def reload(self) -> None:
        """Read it anew.

        Raises:
            ReplayError: a document is damaged, so that what was sent is not known.
        """
        self._replays: dict[str, Replay] = {}
        self._by_letter: dict[str, Entry] = {}
        self._by_sent: dict[str, Entry] = {}
        for replay in self._stored() if self.uri is not None else ():
            self._take(replay)

    def _stored(self) -> Iterator[Replay]:
        filesystem, path = opened(str(self.uri))
        for info in storage.files(filesystem, path):
            if info.base_name.startswith("replay-"):
                try:
                    yield msgspec.json.decode(storage.read(filesystem, info.path), type=Replay)
                except msgspec.MsgspecError as error:
                    what = f"{info.path} is no document of a replay ({error})"
                    raise ReplayError(what, "Put it back as it was, or what it records may be sent twice") from None

    def _take(self, replay: Replay) -> None:
        self._replays[replay.digest] = replay
        for entry in replay.entries:
            held = self._by_letter.get(entry.letter)
            if held is None or entry.attempt >= held.attempt:
                self._by_letter[entry.letter] = entry
            if entry.sent:
                self._by_sent[entry.sent] = entry

    def put(self, replay: Replay) -> None:
        """Write a replay, in place of what was written of it before."""
        filesystem, path = opened(str(self.uri))
        storage.write_whole(filesystem, f"{path}/replay-{replay.digest}.json", msgspec.json.encode(replay))
        self._take(replay)

    @property
    def unfinished(self) -> list[Replay]:
        """Return the replays that were begun and not finished, because something broke."""
        return [replay for replay in self._replays.values() if not replay.done]

    def is_sent(self, letter: str) -> bool:
        """Return whether the event of a letter's position was sent anew."""
        return letter in self._by_letter

    def attempts(self, letter: str) -> int:
        """Return how often the event of a letter's position was sent anew, before it failed there or since."""
        found = self._by_letter.get(letter) or self._by_sent.get(letter)
        return found.attempt if found else 0

    def failed_after(self, letter: str) -> int:
        """Return how often the event had been sent anew when it failed at a letter's position."""
        found = self._by_sent.get(letter)
        return found.attempt if found else 0

    def first(self, letter: str) -> str:
        """Return the position at which the event of a letter's position stood before any replay."""
        found = self._by_sent.get(letter)
        return found.first if found else letter


@contextmanager
def locked(uri: str | None) -> Iterator[Ledger]:
    """Open a ledger for this process alone; on a remote file system nothing keeps a second one out.

    Raises:
        ConfigurationError: there is no directory, or another replay goes on.
    """
    if uri is None:
        raise ConfigurationError("Where replays are recorded is not said", "Give --ledger DIR, or the run's with --out")
    filesystem, path = opened(uri)
    if not isinstance(filesystem, fs.LocalFileSystem):
        yield Ledger(uri)
        return
    Path(path).mkdir(parents=True, exist_ok=True)
    with (Path(path) / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"Another replay holds {uri}", "Wait for its end") from None
        yield Ledger(uri)
