"""The section ``source.switch``: where an archive of files ends and topics go on."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jobs.config.section import Section
from jobs.config.units import Duration, Moment, duration

Offset = Annotated[int, Field(ge=0)]


class Switch(Section):
    """One of an event ``time`` and the ``offsets`` that the archive goes up to.

    ``offsets`` has, by ``topic/number``, the first record that the archive does not hold. With ``time``, topics are
    read from records that were written at most ``margin`` before it. ``gap: accept`` begins with the oldest record that
    is left where a topic may no longer hold all from the switch on.
    """

    time: Moment | None = None
    offsets: dict[str, Offset] | None = Field(default=None, min_length=1)
    margin: Duration = duration("1h")
    gap: Literal["refuse", "accept"] = "refuse"

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.time is None) == (self.offsets is None):
            raise ValueError("give one of time and offsets")
        return self
