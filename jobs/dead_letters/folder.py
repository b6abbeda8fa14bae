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
_REPORTS = "reports"
"""Beside the dead letters of a run; a run whose sinks are topics has neither."""
_REMEDY = "Give the directory of a run, or its dead_letters, with --from; or the job's configuration with --config"


def _place(uri: str) -> tuple[fs.FileSystem, str, str]:
    """Return the file system, the path there and the absolute path or URI of a directory."""
    try:
        filesystem, path = opened(uri)
        filesystem.get_file_info(path)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{uri} cannot be read ({error})", _REMEDY) from None
    return filesystem, path, absolute(uri)


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
        of_run = cls.of_run(uri)
        if of_run is not None:
            return of_run
        filesystem, path, shown = _place(uri)
        if filesystem.get_file_info(path).type != fs.FileType.Directory:
            raise ConfigurationError(f"There is no directory {shown}", _REMEDY)
        return cls(filesystem, path, shown)

    @classmethod
    def of_run(cls, uri: str) -> Folder | None:
        """Open the directory of dead letters of a run, which is not there before the first; None if it is no run's.

        Raises:
            ConfigurationError: the URI cannot be read.
        """
        filesystem, path, shown = _place(uri)
        below = filesystem.get_file_info([f"{path}/{NAME}", f"{path}/{_REPORTS}"])
        if all(info.type != fs.FileType.Directory for info in below):
            return None
        return cls(filesystem, f"{path}/{NAME}", f"{shown}/{NAME}")

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the finished files; names that begin with ``.`` or ``_`` are unfinished."""
        for info in storage.files(self.filesystem, self.path):
            below = info.path[len(self.path) + 1 :]
            if any(part.startswith((".", "_")) for part in below.split("/")):
                continue
            for number, text in enumerate(storage.read(self.filesystem, info.path).split(b"\n"), 1):
                if text.strip():
                    yield Line(f"{self.uri}/{below}:{number}", text)
