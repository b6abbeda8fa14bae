"""Shows a running job: a live table on a terminal, plain lines elsewhere, JSON lines for machines."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TextIO, TypeAlias

import msgspec

from jobs.monitor.progress import Progress
from jobs.monitor.status import Status
from jobs.monitor.table import LiveTable
from jobs.monitor.text import line
from udfs.releases.history import History

Mode: TypeAlias = Literal["table", "lines", "json"]
SECONDS_BETWEEN_LINES = 3.0


class Display(Protocol):
    """Shows progress until it is closed."""

    def update(self, progress: Progress, releases: Mapping[str, History]) -> None:
        """Show how far the job is; call it as often as convenient."""
        ...

    def close(self) -> None:
        """Show the last state, and leave the terminal as it was; closing again does nothing."""
        ...


def mode_for(stream: TextIO, json: bool = False) -> Mode:
    """Return the mode that suits a stream: JSON where asked for, a table on a terminal, else lines."""
    if json:
        return "json"
    return "table" if stream.isatty() else "lines"


def make_display(mode: Mode, stream: TextIO, clock: Callable[[], float] = time.time) -> Display:
    """Return a display on a stream; ``clock`` returns seconds since 1970.

    A reader that goes away (``| head``) ends the display, not the job.
    """
    if mode == "table":
        return LiveTable(stream, clock)
    return Lines(stream, clock, as_json if mode == "json" else line)


def as_json(status: Status) -> str:
    """Return a status as one line of JSON."""
    return msgspec.json.encode(status).decode()


class Lines:
    """Writes one line for each change, at most every few seconds."""

    def __init__(self, stream: TextIO, clock: Callable[[], float], render: Callable[[Status], str]) -> None:
        self._stream, self._clock, self._render = stream, clock, render
        self._latest: Status | None = None
        self._written: Status | None = None
        self._next = 0.0
        self._gone = False

    def update(self, progress: Progress, releases: Mapping[str, History]) -> None:
        """Write a line if something changed and the last line is old enough."""
        now = self._clock()
        self._latest = Status.of(progress, releases, now)
        if now >= self._next:
            self._write(now)

    def close(self) -> None:
        """Write the last change."""
        self._write(self._clock())

    def _write(self, now: float) -> None:
        status = self._latest
        if self._gone or status is None or status.checkpoint_age_s is None or status.unaged == self._written:
            return
        self._written, self._next = status.unaged, now + SECONDS_BETWEEN_LINES
        try:
            self._stream.write(self._render(status) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._gone = True
