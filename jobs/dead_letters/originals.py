"""The original line of a letter, looked up where it first stood: the record of a topic, or the bytes of a file."""

from __future__ import annotations

import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable
from typing import Any

from jobs.dead_letters.letter import Letter, Position, lines_of
from udfs.locations import opened

Lookup = Callable[[Position], bytes]
"""Returns the line at a position; raises LookupError, saying why, where there is none."""


class FileLines:
    """Reads single lines of files; those of one file are best asked for in the order in which they stand."""

    def __init__(self, max_line: int) -> None:
        """Keep the length of the longest line that is returned, in bytes."""
        self._max_line = max_line
        self._path = ""
        self._file: Any = None

    def __call__(self, position: Position) -> bytes:
        """Return the line that begins at a byte.

        Raises:
            LookupError: no line begins there, or it is longer than allowed.
        """
        try:
            self._turn_to(position.file)
            return self._line(position.byte)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise LookupError(f"the file cannot be read ({error})") from None

    def close(self) -> None:
        """Close the file read last."""
        if self._file is not None:
            self._file.close()
        self._path, self._file = "", None

    def _turn_to(self, path: str) -> None:
        if self._path == path:
            return
        self.close()
        filesystem, inner = opened(path)
        raw = filesystem.open_input_file(inner)
        self._file = gzip.GzipFile(fileobj=raw) if path.endswith(".gz") else io.BufferedReader(raw)
        self._path = path

    def _line(self, byte: int) -> bytes:
        # Buffered files: the step back by one byte unpacks nothing anew.
        marked = byte == len(BOM_UTF8)
        self._file.seek(0 if marked else max(0, byte - 1))
        before: bytes = self._file.read(byte if marked else min(byte, 1))
        if before and not before.endswith(b"\n") and not (marked and before == BOM_UTF8):
            raise LookupError("no line begins there any more")
        line: bytes = self._file.readline(self._max_line + len(b"\r\n"))
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if len(line) > self._max_line:
            raise LookupError(f"the line is longer than max_line, {self._max_line} bytes")
        if not line.strip(b" \r\t"):
            raise LookupError("no line begins there any more")
        return line


class TopicLines:
    """Reads single lines of records."""

    def __init__(self, record: Callable[[str, int, int], Any | None]) -> None:
        """Keep how a record is found: ``jobs.dead_letters.topic.Topics.record``."""
        self._record = record

    def __call__(self, position: Position) -> bytes:
        """Return the line of a record.

        Raises:
            LookupError: the record is gone, or has no such line.
        """
        record = self._record(position.topic, position.partition, position.offset)
        if record is None:
            raise LookupError("the record is gone from its topic")
        lines = lines_of(record.value or b"")
        if position.index >= len(lines):
            raise LookupError("the record has no such line any more")
        return lines[position.index]


def original_of(letter: Letter, lookup: Lookup) -> bytes:
    """Return the whole line that a letter is about.

    Raises:
        LookupError: it is gone, or another one stands in its place.
    """
    line = lookup(letter.source)
    if letter.encoding == "original" and not line.startswith(letter.data):
        raise LookupError("another line stands there now")
    return line
