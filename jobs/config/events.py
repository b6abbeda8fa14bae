"""The sections ``events`` and ``time``, ``dedup``: what the stream says and when."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from jobs.config.section import KeyPath, Names, Section, Values
from jobs.config.units import Duration, Moment, duration, moment


class Clean(Section):
    """How a string is cleaned before it is validated and hashed."""

    nfc: bool = True
    trim: bool = True
    case: Literal["keep", "lower", "upper"] = "keep"


class EventField(Section):
    """A field of an event; ``path`` defaults to the field's name."""

    type: Literal["categorical", "number", "text", "list", "vector"]
    path: KeyPath | None = Field(default=None, min_length=1)
    required: bool = False
    nullable: bool = True
    default: str | float | None = None
    minimum: float | None = Field(default=None, allow_inf_nan=False)
    maximum: float | None = Field(default=None, allow_inf_nan=False)
    length: int | None = Field(default=None, ge=1, le=65_536)
    clean: Clean = Clean()


class Timestamp(Section):
    """Where an event's time stands and what is believable; ``unit: ingest`` takes the time of its arrival for it."""

    path: KeyPath | None = Field(default=None, min_length=1)
    unit: Literal["s", "ms", "us", "iso8601", "ingest"]
    earliest: Moment = moment("1980-01-01")
    latest: Moment = moment("2100-01-01")
    future: Duration | None = duration("1h")

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if (self.path is None) != (self.unit == "ingest"):
            raise ValueError("path is missing; only unit: ingest takes none")
        return self


class Match(Section):
    """What tells an event type apart: the topic, or the value of a key; with both, both must hold."""

    topic: str | None = None
    path: KeyPath | None = Field(default=None, min_length=1)
    values: Values = ()


def _shorthand_of_fields(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: {"type": field} if isinstance(field, str) else field for name, field in value.items()}


def _shorthand_of_time(value: Any) -> Any:
    return {"unit": "ingest"} if value == "ingest" else value


class Event(Section):
    """One type of event; types are tried in the order in which they stand."""

    match: Match = Match()
    id: Names = Field(default=("position",), min_length=1)
    timestamp: Annotated[Timestamp, BeforeValidator(_shorthand_of_time)]
    user: str | None = None
    fields: Annotated[dict[str, EventField], BeforeValidator(_shorthand_of_fields)] = Field(min_length=1)

    @property
    def by_position(self) -> bool:
        """Whether the event's place in the source is its id."""
        return self.id == ("position",)


class Dedup(Section):
    """Duplicates of (user, event id) within a window of event time."""

    window: Duration = duration("24h")
    max_ids: int = Field(default=10_000_000, ge=1, le=2_000_000_000)


class Time(Section):
    """Event time per source partition.

    ``lateness: auto`` is ``10m`` where impressions wait for feedback; else off in bounded runs and ``24h`` in others.
    ``max_jump: auto`` is half of it, at most ``1h``. ``idle: auto`` is ``1m`` where impressions wait for feedback.
    """

    lateness: Duration | Literal["auto"] | None = "auto"
    max_jump: Annotated[Duration, Field(ge=1_000_000)] | Literal["auto"] = "auto"
    idle: Annotated[Duration, Field(ge=1_000_000)] | Literal["auto"] | None = "auto"

    def late_after(self, bounded: bool, joins: bool) -> int | None:
        """Return the microseconds behind its own partition from which an event is late; None: never."""
        if isinstance(self.lateness, str):
            return duration("10m") if joins else None if bounded else duration("24h")
        return self.lateness

    def jump(self, lateness: int | None) -> int:
        """Return the microseconds that one event can advance its partition by."""
        if isinstance(self.max_jump, str):
            longest = duration("1h")
            return longest if lateness is None else max(1_000_000, min(longest, lateness // 2))
        return self.max_jump

    def idle_after(self, bounded: bool, joins: bool) -> int | None:
        """Return the microseconds after which a silent partition holds time back no more; None: never."""
        if bounded or not joins:
            return None
        return duration("1m") if isinstance(self.idle, str) else self.idle
