"""Reads what a running job has committed to a folder of NDJSON part files, each part once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from udfs.errors import HeadraceError
from udfs.releases.registry import Line

_SETTLED_NS: Final = 2_000_000_000
"""A folder's time of change is trusted once it is this old: a file can appear within the tick of the last look."""


class Tail:
    """Yields the documents of part files that became visible since the last look.

    Part files appear whole, at checkpoints, and never change. Names that begin with ``.`` or ``_`` are unfinished.
    A look at a folder in which nothing changed costs one ``stat`` for each folder.

    Attributes:
        committed_at: when the newest part read so far was written, seconds since 1970; None before the first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.committed_at: float | None = None
        self._read: set[str] = set()
        self._settled: dict[str, tuple[int, list[str]]] = {}

    def read(self) -> list[dict[str, Any]]:
        """Return the documents of all new parts; parts come in the order of their paths.

        Raises:
            HeadraceError: a line of a part is no JSON object; its part is not read again.
        """
        return [_document(line) for line in self.lines()]

    def lines(self) -> list[Line]:
        """Return the lines of all new parts."""
        lines: list[Line] = []
        for path in sorted(self._new(str(self.folder))):
            self._read.add(path)
            part = Path(path)
            try:
                data, changed = part.read_bytes(), part.stat().st_mtime
            except FileNotFoundError:
                continue
            self.committed_at = max(changed, self.committed_at or changed)
            texts = enumerate(data.split(b"\n"), 1)
            lines += [Line(f"{path}:{number}", text) for number, text in texts if text.strip()]
        return lines

    def _new(self, folder: str) -> Iterator[str]:
        try:
            changed = Path(folder).stat().st_mtime_ns
        except FileNotFoundError:
            return
        known, below = self._settled.get(folder, (-1, []))
        if known != changed:
            below = []
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith((".", "_")):
                        continue
                    if entry.is_dir():
                        below.append(entry.path)
                    elif entry.path not in self._read:
                        yield entry.path
            if time.time_ns() - changed > _SETTLED_NS:
                self._settled[folder] = (changed, below)
        for path in below:
            yield from self._new(path)


def _document(line: Line) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line.text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        what = f"{line.place} is no JSON object ({error})"
        raise HeadraceError(what, "Something else wrote to this folder, or the disk is damaged") from error
