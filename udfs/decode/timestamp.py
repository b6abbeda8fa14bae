"""Reading an event's time: what each unit means, for one value at a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from udfs.decode.reject import Reason, Reject
from udfs.schema import Timestamp

_SCALE = {"s": 1_000_000, "ms": 1_000, "us": 1}
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 1 << 62


def parse_iso8601(text: str) -> int | None:
    """Return microseconds since 1970 (further digits cut off), or None for anything but date, time and zone.

    >>> parse_iso8601("2019-11-24 00:03:13.442536+00:00")
    1574553793442536
    """
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, zone_hours, zone_minutes = match.groups()[6:]
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    time = (moment - _EPOCH) // timedelta(microseconds=1) + int((fraction or "0").ljust(6, "0")[:6])
    if sign is None:
        return time
    if int(zone_hours) > 23 or int(zone_minutes) > 59:
        return None
    offset = (int(zone_hours) * 60 + int(zone_minutes)) * 60_000_000
    return time - offset if sign == "+" else time + offset


def _read(value: Any, unit: str) -> int | None:
    if unit == "iso8601":
        return parse_iso8601(value) if isinstance(value, str) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        exact = Decimal(value) * _SCALE[unit]
        return int(exact.to_integral_value(ROUND_FLOOR)) if abs(exact) < _LARGEST else None
    except ArithmeticError:
        return None


def timestamp(value: Any, rules: Timestamp, now: int) -> int:
    """Return the event time of a decoded value (int, Decimal or str) in microseconds since 1970.

    Raises:
        Reject: ``bad_timestamp`` for what is no time or lies outside the bounds, ``future_timestamp`` for a time
            further past ``now`` than allowed.
    """
    time = _read(value, rules.unit)
    name, shown = ".".join(rules.path), str(value)[:40]
    if time is None:
        raise Reject(Reason.BAD_TIMESTAMP, f"{name} = {shown!r} is no time in {rules.unit}")
    return believable(time, rules, now, name, shown)


def believable(time: int, rules: Timestamp, now: int, name: str, shown: object) -> int:
    """Return a time that lies within the bounds.

    Raises:
        Reject: it does not; the message has the name and the value as it was written.
    """
    if not rules.earliest <= time <= rules.latest:
        raise Reject(Reason.BAD_TIMESTAMP, f"{name} = {shown!r} lies outside the bounds")
    if rules.future is not None and time > now + rules.future:
        raise Reject(Reason.FUTURE_TIMESTAMP, f"{name} = {shown!r} lies in the future")
    return time
