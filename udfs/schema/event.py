"""Event types: how they are told apart, which fields they have, what identifies, dates and binds them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

FieldType: TypeAlias = Literal["categorical", "number", "text", "list", "vector"]


class Description(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the plan: immutable, keyword-only, unknown keys refused."""


class Clean(Description, frozen=True, kw_only=True):
    """How a string is cleaned before it is validated and hashed.

    Attributes:
        nfc: normalise to Unicode NFC.
        trim: strip white space at both ends and collapse runs of it to one space (U+0020).
        case: ``keep``, ``lower`` or ``upper`` (Unicode's full mapping, as ``str.lower`` and ``str.upper``).
    """

    nfc: bool = True
    trim: bool = True
    case: Literal["keep", "lower", "upper"] = "keep"


class Field(Description, frozen=True, kw_only=True):
    """One field of an event.

    Attributes:
        name: the name that features and labels use.
        type: ``categorical`` (string, integer or boolean), ``number`` (JSON number or boolean), ``text`` (string),
            ``list`` (array of categorical values) or ``vector`` (array of ``length`` numbers).
        path: keys that lead to the value in nested objects; one key for a flat one.
        required: whether an absent, null or empty value rejects the event (``missing_field``).
        nullable: whether JSON ``null`` counts as absent; else it is a ``wrong_type``.
        default: the value used when it is absent.
        minimum: smallest number allowed (inclusive); for strings and lists, the smallest length.
        maximum: largest number allowed (inclusive); for strings (in code points) and lists, the largest length.
        length: the length of a vector.
        clean: how strings are cleaned.
    """

    name: str
    type: FieldType
    path: tuple[str, ...]
    required: bool = False
    nullable: bool = True
    default: str | float | None = None
    minimum: float | None = None
    maximum: float | None = None
    length: int | None = None
    clean: Clean = Clean()


class Timestamp(Description, frozen=True, kw_only=True):
    """Where an event's time stands and what is believable.

    Attributes:
        path: keys that lead to the value; empty for ``ingest``.
        unit: ``s``, ``ms`` or ``us`` since 1970 (integer or decimal number), or ``iso8601`` with a zone; ``ingest``:
            events carry no time, theirs is the ingest time of the batch that they came in.
        earliest: smallest believable time, microseconds since 1970.
        latest: largest believable time, microseconds since 1970.
        future: how far past the ingest time it may lie, in microseconds; None turns the check off.
    """

    path: tuple[str, ...] = ()
    unit: Literal["s", "ms", "us", "iso8601", "ingest"]
    earliest: int
    latest: int
    future: int | None = None


class Match(Description, frozen=True, kw_only=True):
    """What tells an event type apart: a topic (or None) and a field's value (or None). All that is given must hold."""

    topic: str | None = None
    path: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class EventType(Description, frozen=True, kw_only=True):
    """One kind of event.

    Attributes:
        name: its name.
        match: what tells it apart; types are tried in order, the first that holds wins.
        fields: its fields; a name that two types share has one type and one cleaning.
        timestamp: where its time stands.
        id: the fields whose values identify it; empty means its position in the source, which never repeats.
        user: the field that binds it to a user; None spreads events by their id.
    """

    name: str
    match: Match = Match()
    fields: tuple[Field, ...]
    timestamp: Timestamp
    id: tuple[str, ...] = ()
    user: str | None = None


class Format(Description, frozen=True, kw_only=True):
    """How a line is written.

    Attributes:
        kind: ``json`` (one object a line) or ``csv`` (RFC 4180 without line breaks inside quotes).
        columns: the names of a CSV file's columns; empty means that each file begins with a header.
        separator: CSV's separator, one ASCII character.
        max_line_bytes: longer lines are rejected before they are parsed (``too_large``).
    """

    kind: Literal["json", "csv"] = "json"
    columns: tuple[str, ...] = ()
    separator: str = ","
    max_line_bytes: int = 65536
