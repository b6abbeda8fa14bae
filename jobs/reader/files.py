"""Files as a source: plain or gzipped lines, in a directory that is watched, each file a partition."""

from __future__ import annotations

import gzip
import re
import time
import zlib
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyarrow import fs

from jobs.reader.lanes import lane_of
from jobs.reader.reader import Block, Reading, SourceError
from jobs.worker import tell
from udfs.locations import local_path, opened
from udfs.stages.read import DONE

_OPEN = 32
"""Files that a worker holds open at the same time, the one read last longest."""


@dataclass(frozen=True)
class Files:
    """A directory, or one file, and how it is read.

    Attributes:
        uri: its absolute path, or its URI.
        pattern: a regular expression of paths below a directory; empty for one file.
        lanes: how many lanes share the files.
        size: bytes that one call reads, as long as no line is longer.
        poll: seconds between two looks into the directory.
        max_line: bytes of the longest line that is not refused.
        merged: whether a lane goes on with the file whose event time is furthest back, rather than file by file.
        listing: of a bounded input, the size of every file by its path.
        once: whether the directory is looked into once, when a worker begins to read it, and ends with what was there.
    """

    uri: str
    pattern: str
    lanes: int
    size: int
    poll: float
    max_line: int
    merged: bool = False
    listing: dict[str, int] | None = None
    once: bool = False

    def open(self) -> FilesReader:
        """Return a reader."""
        return FilesReader(self)

    def topic_of(self, part: str) -> str:
        """Return the empty string: files are of no topic."""
        return ""

    def list(self) -> dict[str, int]:
        """Return the size of every file that is there, by its path, in the order of their names.

        Raises:
            OSError: the directory cannot be read.
        """
        filesystem, root = opened(self.uri)
        scheme = "" if local_path(self.uri) else self.uri.partition("://")[0] + "://"
        if not self.pattern:
            found = [filesystem.get_file_info(root)]
        else:
            found = filesystem.get_file_info(fs.FileSelector(root, recursive=True))
        matches = re.compile(self.pattern).fullmatch
        start = len(root.rstrip("/")) + 1
        files = (info for info in found if info.type == fs.FileType.File)
        sizes = {scheme + f.path: f.size for f in files if not self.pattern or matches(f.path[start:])}
        return dict(sorted(sizes.items()))


class FilesReader:
    """Reads the lanes of a directory."""

    def __init__(self, source: Files) -> None:
        self._source = source
        self._lanes: dict[int, dict[str, int]] = {}
        self._looked = float("-inf")
        self._open: dict[str, _Lines] = {}
        self._ends = source.once or source.listing is not None

    def close(self) -> None:
        """Close every file."""
        for lines in self._open.values():
            lines.close()

    def read(self, lane: int, positions: Mapping[str, int], begun: bool, times: Mapping[str, int]) -> Reading | None:
        """Read on in files of a lane that are not done; a directory that cannot be listed is waited for.

        Merged files are all begun, with a small piece each, before one of them goes on.
        """
        try:
            sizes = self._sizes(lane)
        except OSError as error:
            tell(f"source: {self._source.uri} cannot be listed, trying on ({error})")
            return None
        lost = [path for path, position in positions.items() if position != DONE and path not in sizes]
        if lost:
            raise SourceError(f"{lost[0]} is gone before it was read to its end", "Put it back as it was")
        reading = Reading(gone=[path for path in positions if path not in sizes])
        left = {path: size - positions.get(path, 0) for path, size in sizes.items() if positions.get(path, 0) != DONE}
        for path in self._fill(left, positions, times, reading):
            del left[path]
        # An unpacked file may be longer than the packed one: as long as it is not done, something is left.
        reading.behind = sum(max(1, size) for size in left.values())
        reading.more = bool(left)
        reading.parts = reading.unread = list(left)
        reading.ended = self._ends and not left
        return reading

    def _fill(
        self, left: Mapping[str, int], positions: Mapping[str, int], times: Mapping[str, int], reading: Reading
    ) -> list[str]:
        """Read pieces until there are enough; return the files that turned out to be at their end."""
        merged, done, size = self._source.merged, [], 0
        for path in sorted(left, key=lambda one: times.get(one, -1)) if merged else left:
            while size < self._source.size:
                read = self._read(path, reading.positions.get(path, positions.get(path, 0)), reading)
                size += read
                if not read:
                    done.append(path)
                if not read or merged:
                    break
            # How far its time has come is known when the piece is decoded.
            if size >= self._source.size or (merged and path in times and path not in done):
                break
        return done

    def _sizes(self, lane: int) -> dict[str, int]:
        """Return what is known to be in a lane; look again when it is time."""
        if time.monotonic() - self._looked >= self._source.poll:
            listing = self._source.listing if self._source.listing is not None else self._source.list()
            self._lanes = {}
            for path, size in listing.items():
                self._lanes.setdefault(lane_of(path, self._source.lanes), {})[path] = size
            self._looked = float("inf") if self._ends else time.monotonic()
        return self._lanes.get(lane, {})

    def _read(self, path: str, position: int, reading: Reading) -> int:
        """Read a piece of a file; return how many bytes, 0 at its end."""
        lines = self._open.pop(path, None)
        if lines is None or lines.position != position:
            lines = _Lines(path, position)
        first = self._source.merged and position == 0
        data = lines.take(max(0 if first else self._source.size, self._source.max_line + 1))
        if not data:
            lines.close()
            reading.positions[path] = DONE
            return 0
        self._open[path] = lines
        while len(self._open) > _OPEN:
            self._open.pop(next(iter(self._open))).close()
        reading.positions[path] = lines.position
        start = np.array([lines.position - len(data)], np.int64)
        reading.blocks.append(Block(path, np.frombuffer(data, np.uint8), np.array([[0, len(data)]], np.int64), start))
        return len(data)


class _Lines:
    """An open file.

    Attributes:
        position: the (unpacked) byte that is taken next.
    """

    def __init__(self, path: str, position: int) -> None:
        self.position = position
        self._path = path
        self._rest = b""
        try:
            filesystem, inner = fs.FileSystem.from_uri(path) if "://" in path else (fs.LocalFileSystem(), path)
            raw = filesystem.open_input_file(inner)
            self._file: Any = gzip.GzipFile(fileobj=raw) if path.endswith(".gz") else raw
            self._file.seek(max(0, position - 1))
            self._inside = position > 0 and self._file.read(1) != b"\n"
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{path} cannot be read on from byte {position} ({error})", "Put it back") from error

    def close(self) -> None:
        self._file.close()

    def take(self, size: int) -> bytes:
        """Return the next lines within ``size`` bytes; nothing at the end.

        Of a line that is longer than that only its first bytes are returned, for a reject. What is returned depends on
        the position alone, so that a restored reader goes on as the lost one would have. A byte order mark at the
        beginning of the file belongs to no line.
        """
        while True:
            self._rest += self._more(size - len(self._rest))
            if self.position == 0 and self._rest.startswith(BOM_UTF8):
                self._pass(len(BOM_UTF8))
                continue
            if self._inside and self._rest:
                begin = self._rest.find(b"\n") + 1
                self._inside = begin == 0
                self._pass(begin or len(self._rest))
                continue
            lines = self._pass(self._rest.rfind(b"\n") + 1 or len(self._rest))
            self._inside = len(lines) == size and not lines.endswith(b"\n")
            return lines

    def _pass(self, n: int) -> bytes:
        passed, self._rest = self._rest[:n], self._rest[n:]
        self.position += n
        return passed

    def _more(self, size: int) -> bytes:
        try:
            data: bytes = self._file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(
                f"{self._path} cannot be read behind byte {self.position} ({error})",
                "Repair the file and put it back, or start anew without it",
            ) from error
        return data
