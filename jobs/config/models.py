"""The section ``models``: what is learned, and when it is released."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from jobs.config.anomaly_rules import ModelAnomalies
from jobs.config.guards import Breaker, switched
from jobs.config.section import Names, Section, Values
from jobs.config.training import Augment, Drift, Learns, Negatives


class Label(Section):
    """Where the label comes from: a number field, a categorical one with the values that make it 1, or the join."""

    field: str | None = None
    positive: Values = ()
    joined: str | None = None

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        if (self.field is None) == (self.joined is None):
            raise ValueError("takes a field of the event, or joined: a label of the section join; one of them")
        return self


class Snapshot(Section):
    """When a model is released: by examples, and by seconds too in unbounded runs that give them."""

    examples: int = Field(default=100_000, ge=1)
    seconds: float | None = Field(default=None, ge=0.1, le=86_400)


def _shorthand(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


class Model(Section):
    """One model; without ``features`` it sees all of them."""

    learner: str
    options: dict[str, Any] = Field(default={})
    features: Names | None = None
    label: Annotated[Label, BeforeValidator(_shorthand)]
    weight: str | None = None
    events: Names = ()
    keyed_by: str | None = None
    partitions: int = Field(default=1, ge=1, le=4_096)
    max_values: int = Field(default=64, ge=1, le=100_000)
    snapshot: Snapshot = Snapshot()
    window: int = Field(default=10_000, ge=1, le=10_000_000)
    threshold: float = Field(default=0.5, allow_inf_nan=False)
    seed: int = Field(default=1, ge=0, le=0xFFFFFFFF)
    learns: Learns | None = None
    drift: Drift | None = None
    negatives: Negatives | None = None
    augment: Augment = Augment()
    breaker: Annotated[Breaker, BeforeValidator(switched)] = Breaker()
    anomalies: ModelAnomalies = ModelAnomalies()

    @property
    def has_breaker(self) -> bool:
        """Return whether the circuit breaker is on."""
        wanted = self.label.joined is not None and self.keyed_by is None
        return wanted if self.breaker.watch == "auto" else self.breaker.watch == "on"
