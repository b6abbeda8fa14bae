"""Features of what users did before an impression, and of what became of items, in the section ``features``."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from jobs.config.section import Names, Section
from jobs.config.units import Duration, duration

Events: TypeAlias = Annotated[Names, Field(min_length=1)]


class _Behaviour(Section):
    of: Literal["user", "item"] = "user"
    events: Events


class _Numeric(_Behaviour):
    log: bool = False
    standardise: bool = True


class History(_Behaviour):
    """The values of a field in a user's last events, a slot each."""

    kind: Literal["history"]
    field: str
    last: int = Field(default=10, ge=1, le=100)


class Count(_Numeric):
    """How many events of a user, or of an item, there were within a time."""

    kind: Literal["count"]
    within: Duration = Field(ge=duration("16s"))


class Rate(_Numeric):
    """How often events of one type come of those of another, lately, and smoothed."""

    kind: Literal["rate"]
    per: Events
    half_life: Duration = Field(default=duration("1d"), ge=duration("1s"))
    prior: float = Field(default=0.05, ge=0, allow_inf_nan=False)
    strength: float = Field(default=20.0, gt=0, allow_inf_nan=False)


class Since(_Numeric):
    """Seconds since the last event of a user, or of an item."""

    kind: Literal["since"]


BEHAVIOUR = (History, Count, Rate, Since)
