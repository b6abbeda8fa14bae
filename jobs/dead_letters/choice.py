"""Which dead letters are meant: by reason, by time, by where the event stood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from jobs.config.nearest import nearest
from jobs.config.units import duration, moment
from jobs.dead_letters.letter import Letter, Position
from udfs.decode.reject import REASONS, Reason
from udfs.errors import ConfigurationError

_TOPIC: Final = re.compile(r"(?P<topic>[\w.-]+)(?::(?P<partition>\d+)(?::(?P<first>\d+)(?:-(?P<last>\d+))?)?)?")


@dataclass(frozen=True)
class Choice:
    """What must hold of a letter; what is empty holds of all.

    Attributes:
        reasons: its reason is one of these.
        since: it was refused at this time or later, microseconds since 1970.
        until: it was refused before this time.
        sources: its position is within one of these: ``topic[:partition[:first[-last]]]``, or a pattern of files.
    """

    reasons: frozenset[Reason] = frozenset()
    since: int | None = None
    until: int | None = None
    sources: tuple[str, ...] = ()

    def __contains__(self, letter: Letter) -> bool:
        if self.reasons and letter.reason not in self.reasons:
            return False
        if self.since is not None and letter.ingest_time < self.since:
            return False
        if self.until is not None and letter.ingest_time >= self.until:
            return False
        return not self.sources or any(is_within(letter.source, source) for source in self.sources)


def is_within(position: Position, source: str) -> bool:
    """Return whether a position is within a part of a topic, or in a file whose path or name matches.

    >>> is_within(Position(topic="clicks", partition=1, offset=7), "clicks:1:5-9")
    True
    >>> is_within(Position(file="/in/part-0.ndjson", byte=7), "part-*.ndjson")
    True
    """
    if position.file:
        return fnmatchcase(position.file, source) or fnmatchcase(position.file.rpartition("/")[2], source)
    match = _TOPIC.fullmatch(source)
    if match is None or match["topic"] != position.topic:
        return False
    if match["partition"] is not None and int(match["partition"]) != position.partition:
        return False
    if match["first"] is None:
        return True
    return int(match["first"]) <= position.offset <= int(match["last"] or match["first"])


def is_at(position: Position, texts: Sequence[str]) -> bool:
    """Return whether a position is one of these; ``index`` may be left out.

    >>> is_at(Position(topic="clicks", partition=1, offset=7, index=2), ["clicks:1:7"])
    True
    """
    shown = str(position)
    return shown in texts or (bool(position.topic) and shown.rpartition(":")[0] in texts)


def reasons_of(names: Sequence[str]) -> frozenset[Reason]:
    """Return the reasons of these names.

    Raises:
        ConfigurationError: there is none of that name.
    """
    for name in names:
        if name not in REASONS:
            known = ", ".join(REASONS)
            raise ConfigurationError(f"--reason is {name!r}{nearest(name, REASONS)}".rstrip("."), f"There are: {known}")
    return frozenset(map(Reason, names))


def time_of(option: str, text: str | None, now: int) -> int | None:
    """Return a moment, or how long ago, in microseconds since 1970.

    Raises:
        ConfigurationError: it is neither.
    """
    if text is None:
        return None
    try:
        return now - duration(text)
    except ValueError:
        pass
    try:
        return moment(text)
    except ValueError as error:
        raise ConfigurationError(f"{option} is {text!r}", f"Allowed is {error}; or how long ago, like 2h") from None
