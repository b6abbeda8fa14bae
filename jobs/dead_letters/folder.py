"""A directory of dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyarrow import fs

from udfs.errors import ConfigurationError
from udfs.locations import absolute, opened
from udfs.releases import storage
from udfs.releases.registry import Line

NAME = "dead_letters"
_REMEDY = "Give the directory of a run, or its dead_letters, with --from; or the job's configuration with --config"


@dataclass(frozen=True)
class Folder:
    """A directory that holds dead letters as NDJSON part files.

    Attributes:
        filesystem: where it is.
        path: its path there.
        uri: its absolute path, or its URI.
    """

    filesystem: fs.FileSystem
    path: str
    uri: str

    @classmethod
    def open(cls, uri: str) -> Folder:
        """Open the directory of dead letters, or that of the run which holds it.

        Raises:
            ConfigurationError: there is no such directory.
        """
        shown = absolute(uri)
        try:
            filesystem, path = opened(uri)
            below = f"{path}/{NAME}"
            if filesystem.get_file_info(below).type == fs.FileType.Directory:
                return cls(filesystem, below, f"{shown}/{NAME}")
            found = filesystem.get_file_info(path).type == fs.FileType.Directory
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{uri} cannot be read ({error})", _REMEDY) from None
        if not found:
            raise ConfigurationError(f"There is no directory {shown}", _REMEDY)
        return cls(filesystem, path, shown)

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the finished files; names that begin with ``.`` or ``_`` are unfinished."""
        for info in storage.files(self.filesystem, self.path):
            below = info.path[len(self.path) + 1 :]
            if any(part.startswith((".", "_")) for part in below.split("/")):
                continue
            for number, text in enumerate(storage.read(self.filesystem, info.path).split(b"\n"), 1):
                if text.strip():
                    yield Line(f"{self.uri}/{below}:{number}", text)
