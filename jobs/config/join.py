"""The section ``join``: which feedback answers impressions, and what labels come of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from jobs.config.section import Names, Section
from jobs.config.units import Duration, duration
from udfs.schema.join import Late


class Feedback(Section):
    """An event type that answers impressions: by the field that names one, or the last one of what was shown."""

    by: str
    last: bool = False
    within: Duration = Field(default=duration("24h"), ge=1_000_000)


def _by_weight(value: Any) -> Any:
    if isinstance(value, str):
        return {value: 1.0}
    return dict.fromkeys(value, 1.0) if isinstance(value, list) else value


class Label(Section):
    """Positive where one of these types of feedback came within the window; a mapping gives each a weight."""

    feedback: Annotated[
        dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]], BeforeValidator(_by_weight), Field(min_length=1)
    ]
    window: Duration = Field(ge=1_000_000)
    population: str | None = None
    start: Literal["impression", "feedback"] = "impression"
    late: Late = "ignore"
    early_positives: bool = False

    @model_validator(mode="after")
    def _starts_where_something_is(self) -> Self:
        if self.start == "feedback" and self.population is None:
            raise ValueError("start: feedback is the first feedback of a population; population is missing")
        if self.early_positives and self.population is not None and self.start == "impression":
            raise ValueError("early_positives: a population is known at its window's end; give it start: feedback")
        return self


class Search(Section):
    """The search that impressions answer, by the field that names it, and its fields that they take."""

    event: str
    by: str
    fields: Names = Field(min_length=1)
    within: Duration = Field(default=duration("1h"), ge=1_000_000)


class Items(Section):
    """How features of items are kept: under the values of a field of impressions."""

    field: str = "item"
    partitions: int = Field(default=1, ge=1, le=4_096)
    max_items: int = Field(default=1_000_000, ge=1_000, le=1 << 30)


class Join(Section):
    """Impressions wait for feedback, and become examples when their windows close."""

    impression: str
    feedback: dict[str, Feedback] = Field(min_length=1)
    labels: dict[str, Label] = Field(min_length=1)
    early: Duration = Field(default=duration("1m"), le=duration("1h"))
    max_waiting: int = Field(default=10_000_000, ge=1_000)
    max_feedback: int = Field(default=2_000_000, ge=1_000)
    search: Search | None = None
    max_users: int = Field(default=1_000_000, ge=1_000)
    items: Items = Items()
