"""Durations, sizes and moments as people write them; inside, microseconds and bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, PlainSerializer

DURATIONS = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000, "us": 1}
SIZES = {"TiB": 1 << 40, "GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "B": 1}
MOST = 1 << 62
_QUANTITY = re.compile(r"(\d{1,19}(?:\.\d{1,9})?)\s*([A-Za-z]+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _quantity(value: Any, units: Mapping[str, int], what: str) -> int:
    allowed = f"{what}: a number and a unit of {', '.join(units)}"
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(allowed)
    if isinstance(value, int) or value.strip() == "0":
        if int(value) != 0:
            raise ValueError(f"{allowed}; a unit is missing")
        return 0
    match = _QUANTITY.fullmatch(value.strip())
    if match is None or match[2] not in units:
        raise ValueError(allowed)
    amount = round(float(match[1]) * units[match[2]]) if "." in match[1] else int(match[1]) * units[match[2]]
    if amount > MOST:
        raise ValueError(f"{what}: at most {_written(MOST, units)}")
    return amount


def _written(amount: int, units: Mapping[str, int]) -> str:
    unit = next((unit for unit, factor in units.items() if amount % factor == 0 and amount), "")
    return f"{amount // units[unit]}{unit}" if unit else "0"


def duration(value: Any) -> int:
    """Return the microseconds of ``10s``, ``5m``, ``24h``, ``1.5d``; only 0 may stand without a unit.

    >>> duration("1.5s")
    1500000
    """
    return _quantity(value, DURATIONS, "a duration")


def size(value: Any) -> int:
    """Return the bytes of ``64KiB``, ``2GiB``; only 0 may stand without a unit.

    >>> size("64KiB")
    65536
    """
    return _quantity(value, SIZES, "a size")


def moment(value: Any) -> int:
    """Return the microseconds since 1970 of an ISO 8601 date (UTC) or time with a zone.

    >>> moment("1970-01-02")
    86400000000
    """
    allowed = "a moment: a date like 2020-01-31, or a time with its zone like 2020-01-31T12:00:00Z"
    if not isinstance(value, str):
        raise ValueError(allowed)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(allowed) from None
    if parsed.tzinfo is None:
        if len(value) > len("2020-01-31"):
            raise ValueError(f"{allowed}; the zone is missing")
        parsed = parsed.replace(tzinfo=UTC)
    return (parsed - _EPOCH) // timedelta(microseconds=1)


def write_duration(microseconds: int) -> str:
    """Return the shortest way to write a duration that reads back as the same.

    >>> write_duration(90_000_000)
    '90s'
    """
    return _written(microseconds, DURATIONS)


def write_size(amount: int) -> str:
    """Return the shortest way to write a size that reads back as the same."""
    return _written(amount, SIZES)


def write_moment(microseconds: int) -> str:
    """Return a moment as ISO 8601 in UTC."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat()


Duration: TypeAlias = Annotated[int, BeforeValidator(duration), PlainSerializer(write_duration, when_used="json")]
Size: TypeAlias = Annotated[int, BeforeValidator(size), PlainSerializer(write_size, when_used="json")]
Moment: TypeAlias = Annotated[int, BeforeValidator(moment), PlainSerializer(write_moment, when_used="json")]
