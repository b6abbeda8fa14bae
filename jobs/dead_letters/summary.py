"""Dead letters counted: by reason, step, source and hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from jobs.config.units import write_moment
from jobs.dead_letters.ledger import Ledger
from jobs.dead_letters.letter import Letter
from udfs.errors import ConfigurationError

KEYS: Final = ("reason", "step", "source", "hour")
_HOUR: Final = 3_600_000_000


class Group(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Letters that have the same of some of ``KEYS``.

    Attributes:
        reason: their reason, if it is among the keys; as for the other keys.
        source: the partition, ``topic/number``, or the file.
        hour: the hour of UTC in which they were refused.
        letters: how many there are.
        replayed: how many of them were sent anew since.
        attempts: how often the one sent most had been sent anew.
    """

    reason: str | None = None
    step: str | None = None
    source: str | None = None
    hour: str | None = None
    letters: int = msgspec.field()
    replayed: int = msgspec.field()
    attempts: int = msgspec.field()


def keys_of(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the keys of these names, all if none is given.

    Raises:
        ConfigurationError: there is no such key.
    """
    for name in names or ():
        if name not in KEYS:
            raise ConfigurationError(f"--by is {name!r}", f"Allowed are: {', '.join(KEYS)}")
    return tuple(dict.fromkeys(names or KEYS))


def summary(letters: Iterable[Letter], ledger: Ledger, keys: Sequence[str] = KEYS) -> list[Group]:
    """Return the letters in groups, the largest first."""
    groups: dict[tuple[str, ...], Group] = {}
    for letter in letters:
        values = _values(letter)
        name = tuple(values[key] for key in keys)
        group = groups.get(name)
        if group is None:
            group = Group(**dict(zip(keys, name, strict=True)), letters=0, replayed=0, attempts=0)
            groups[name] = group
        position = str(letter.source)
        group.letters += 1
        group.replayed += ledger.is_sent(position)
        group.attempts = max(group.attempts, ledger.attempts(position))
    return [group for _, group in sorted(groups.items(), key=lambda item: (-item[1].letters, item[0]))]


def _values(letter: Letter) -> dict[str, str]:
    hour = letter.ingest_time - letter.ingest_time % _HOUR
    return {"reason": letter.reason, "step": letter.step, "source": letter.source.part, "hour": hour_of(hour)}


def hour_of(microseconds: int) -> str:
    """Return an hour in UTC.

    >>> hour_of(3_600_000_000)
    '1970-01-01T01:00Z'
    """
    return f"{write_moment(microseconds)[:16]}Z"
