"""A directory as the target: new files of original lines, which appear whole."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import msgspec
from pyarrow import fs

from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.item import Address, Item, chunks
from jobs.dead_letters.ledger import Ledger, Replay, digest_of
from jobs.dead_letters.letter import Position
from udfs.locations import opened
from udfs.releases import storage


class ToFolder:
    """Writes ``replay-DIGEST.ndjson`` into a directory, under a name with a dot first, which no source reads.

    The file is whole before the ledger tells of it, and gets its name thereafter: a replay that the ledger knows is
    finished by renaming what still has the dot, and one that it does not know was never seen by anybody.
    """

    def __init__(self, uri: str, suffix: str, separator: str | None) -> None:
        """Open the directory.

        Args:
            uri: a path or a URI.
            suffix: of the files' names.
            separator: of a CSV file that needs a header; None for others.
        """
        self._filesystem, self._path = opened(uri)
        local = isinstance(self._filesystem, fs.LocalFileSystem)
        self._scheme = "" if local else uri.partition("://")[0] + "://"
        self._suffix, self._separator = suffix, separator

    def address(self, position: Position) -> Address:
        """Return that it goes to a file: any line can."""
        return Address()

    def send(self, items: Sequence[Item], ledger: Ledger, now: int) -> None:
        """Write files, one for each header among the events' columns, each in the order of event time.

        A file is a partition of its own to the job, and in that order none of its events is late.
        """
        for columns, group in itertools.groupby(sorted(items, key=_order), lambda item: item.columns):
            for chunk in chunks(list(group)):
                self._send(columns, chunk, ledger, now)

    def _send(self, columns: tuple[str, ...], items: Sequence[Item], ledger: Ledger, now: int) -> None:
        digest = digest_of(self._path, [item.entry for item in items])
        name = f"replay-{digest}{self._suffix}"
        header = b"" if self._separator is None else self._separator.join(columns).encode() + b"\n"
        file, at = f"{self._scheme}{self._path}/{name}", len(header)
        entries = []
        for item in items:
            entries.append(msgspec.structs.replace(item.entry, sent=str(Position(file=file, byte=at))))
            at += len(item.line) + 1
        data = header + b"".join(item.line + b"\n" for item in items)
        replay = Replay(digest=digest, target=file, done=False, written=now, entries=tuple(entries))
        try:
            self._must_be_new(name)
            storage.write_whole(self._filesystem, f"{self._path}/.{name}", data)
            ledger.put(replay)
            ledger.put(self.complete(replay))
        except OSError as error:
            raise ReplayError(f"{file} cannot be written ({error})", "Check the directory, and run it again") from None

    def _must_be_new(self, name: str) -> None:
        """Refuse to replace a file: the job has read that name to its end, and would not read it again."""
        if self._filesystem.get_file_info(f"{self._path}/{name}").type != fs.FileType.NotFound:
            what = f"{self._path}/{name} is there, of a replay that the ledger does not know"
            raise ReplayError(
                what, "Put the ledger back; to send it again remove the file, and let the job go on first"
            )

    def takes(self, target: str) -> bool:
        """Return whether a target is a file."""
        return "/" in target

    def complete(self, replay: Replay) -> Replay:
        """Give the file its name, unless it has it: the job may have read it, and somebody may have removed it."""
        uri, _, name = replay.target.rpartition("/")
        filesystem, folder = opened(uri)
        hidden = f"{folder}/.{name}"
        if filesystem.get_file_info(hidden).type == fs.FileType.File:
            filesystem.move(hidden, f"{folder}/{name}")
        if isinstance(filesystem, fs.LocalFileSystem) and Path(folder).is_dir():
            storage.sync_folder(folder)
        return msgspec.structs.replace(replay, done=True)


def _order(item: Item) -> tuple[tuple[str, ...], int]:
    return item.columns, item.verdict.time or 0
