"""One line, read the slow and plain way: the definition that the fast path must equal."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from udfs.decode.clean import clean
from udfs.decode.reject import Reason, Reject
from udfs.decode.timestamp import believable, timestamp
from udfs.schema import EventType, Field, Format, Plan

_ABSENT = object()
_INTEGERS = range(-(1 << 63), 1 << 64)
_INTEGER_DIGITS = 400
LARGEST_COORDINATE = 3.4028235677973366e38
"""The smallest number that becomes infinite as a 32-bit float, which vectors travel as."""


@dataclass(frozen=True, slots=True)
class Event:
    """A valid event: its type, its cleaned values by field name (absent ones left out) and its time."""

    type: int
    values: dict[str, Any]
    time: int


def _decimal(text: str) -> Decimal | float:
    try:
        return Decimal(text)
    except InvalidOperation:
        # Exponents of twenty digits: infinity or zero, as a float says.
        return float(text)


def _integer(text: str) -> int | Decimal:
    # Python refuses to convert thousands of digits, which are still valid JSON.
    return int(text) if len(text) <= _INTEGER_DIGITS else Decimal(text)


_DECODER = json.JSONDecoder(parse_float=_decimal, parse_int=_integer)
"""``json.loads`` makes one at each call when it is given how to read numbers: 2 of 6 microseconds."""


def _json(text: str) -> Any:
    try:
        document = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise Reject(Reason.NOT_JSON, f"not a JSON object: {error}") from None
    if not isinstance(document, dict):
        raise Reject(Reason.NOT_JSON, "not a JSON object: the line holds another value")
    return document


def _csv(text: str, columns: Sequence[str], rules: Format) -> dict[str, str]:
    try:
        cells = next(csv.reader([text], delimiter=rules.separator, strict=True))
    except (csv.Error, StopIteration) as error:
        raise Reject(Reason.NOT_CSV, f"not a CSV line: {error}") from None
    if len(cells) != len(columns):
        raise Reject(Reason.NOT_CSV, f"{len(cells)} cells where there are {len(columns)} columns")
    return {name: cell for name, cell in zip(columns, cells, strict=True) if cell}


def document(line: bytes, rules: Format, columns: Sequence[str]) -> Mapping[str, Any]:
    """Parse a line into nested values.

    Raises:
        Reject: too_large, not_utf8, not_json, not_csv.
    """
    if len(line) > rules.max_line_bytes:
        raise Reject(Reason.TOO_LARGE, f"{len(line)} bytes where {rules.max_line_bytes} are allowed")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise Reject(Reason.NOT_UTF8, f"byte {error.start} is not UTF-8") from None
    parsed: Mapping[str, Any] = _json(text) if rules.kind == "json" else _csv(text, columns, rules)
    return parsed


def lookup(document: Any, path: Sequence[str]) -> Any:
    """Return the value at a path, or a marker for an absent one."""
    for key in path:
        if not isinstance(document, dict) or key not in document:
            return _ABSENT
        document = document[key]
    return document


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool) and field.type != "text":
        value = "true" if value else "false"
    if isinstance(value, int) and not isinstance(value, bool) and field.type != "text" and value in _INTEGERS:
        value = str(value)
    if not isinstance(value, str):
        raise Reject(Reason.WRONG_TYPE, f"{field.name} is not {field.type}: {str(value)[:40]!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Reject(Reason.NOT_UTF8, f"{field.name} holds half of a surrogate pair") from None
    return clean(value, field.clean)


def _number(field: Field, value: Any, rules: Format) -> float:
    if rules.kind == "csv" and isinstance(value, str):
        try:
            value = _DECODER.decode(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, bool | int | float | Decimal):
        raise Reject(Reason.WRONG_TYPE, f"{field.name} is not a number: {str(value)[:40]!r}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Reject(Reason.NOT_FINITE, f"{field.name} is not finite: {str(value)[:40]!r}")
    return number


def _sequence(field: Field, value: Any, rules: Format) -> list[Any]:
    if rules.kind == "csv" and isinstance(value, str):
        try:
            value = _DECODER.decode(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, list):
        raise Reject(Reason.WRONG_TYPE, f"{field.name} is not an array")
    if field.type == "list":
        return [text for element in value if (text := _text(field, element))]
    if len(value) != field.length:
        raise Reject(Reason.WRONG_TYPE, f"{field.name} has {len(value)} numbers where there should be {field.length}")
    numbers = [_number(field, element, rules) for element in value]
    for number in numbers:
        if abs(number) >= LARGEST_COORDINATE:
            raise Reject(Reason.NOT_FINITE, f"{field.name} holds {number}, which no 32-bit float holds")
    return numbers


def _bounded(field: Field, value: Any) -> Any:
    size = value if isinstance(value, float) else len(value)
    low, high = field.minimum, field.maximum
    if field.type != "vector" and ((low is not None and size < low) or (high is not None and size > high)):
        raise Reject(Reason.OUT_OF_RANGE, f"{field.name}: {size} is not within [{low}, {high}]")
    return value


def field_value(field: Field, raw: Any, rules: Format) -> Any:
    """Return a field's cleaned value, or None when it is absent.

    Raises:
        Reject: missing_field, wrong_type, out_of_range, not_finite, not_utf8.
    """
    if raw is None and not field.nullable:
        raise Reject(Reason.WRONG_TYPE, f"{field.name} is null")
    value: Any = None
    if raw is not None and raw is not _ABSENT:
        if field.type == "number":
            value = _number(field, raw, rules)
        else:
            value = _sequence(field, raw, rules) if field.type in ("list", "vector") else _text(field, raw)
    if value is None or value == "" or value == []:
        value = field.default
        if value is None:
            if field.required:
                raise Reject(Reason.MISSING_FIELD, f"{field.name} is missing")
            return None
        return float(value) if field.type == "number" else value
    return _bounded(field, value)


def _matches(event: EventType, topic: str, parsed: Mapping[str, Any]) -> bool:
    if event.match.topic is not None and event.match.topic != topic:
        return False
    return not event.match.path or lookup(parsed, event.match.path) in event.match.values


def _time(event: EventType, parsed: Mapping[str, Any], rules: Format, now: int) -> int:
    if event.timestamp.unit == "ingest":
        return believable(now, event.timestamp, now, "ingest time", now)
    raw = lookup(parsed, event.timestamp.path)
    if raw is _ABSENT or raw is None:
        raise Reject(Reason.BAD_TIMESTAMP, f"{'.'.join(event.timestamp.path)} is missing")
    if rules.kind == "csv" and event.timestamp.unit != "iso8601":
        try:
            raw = _DECODER.decode(raw)
        except (ValueError, RecursionError):
            raw = str(raw)
    return timestamp(raw, event.timestamp, now)


def read_line(line: bytes, plan: Plan, columns: Sequence[str], topic: str, now: int) -> Event:
    """Read one line.

    Args:
        line: its bytes, without the line break.
        plan: the description of events.
        columns: the names of its columns, for CSV.
        topic: the topic it came from; empty for files.
        now: the ingest time, microseconds since 1970.

    Raises:
        Reject: it is no valid event; the reason is the first that applies: format, type, time, then fields in order.
    """
    parsed = document(line, plan.format, columns)
    index = next((i for i, event in enumerate(plan.events) if _matches(event, topic, parsed)), -1)
    if index < 0:
        raise Reject(Reason.UNKNOWN_TYPE, "no event type matches")
    event = plan.events[index]
    time = _time(event, parsed, plan.format, now)
    values = {}
    for field in event.fields:
        value = field_value(field, lookup(parsed, field.path), plan.format)
        if value is not None:
            values[field.name] = value
    for name in event.id:
        if name not in values:
            raise Reject(Reason.MISSING_FIELD, f"{name} is missing, and it identifies the event")
    return Event(index, values, time)
