"""The keys ``breaker`` and ``anomalies`` of a model: what keeps broken examples from being learned."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jobs.config.section import Section
from jobs.config.units import Duration, duration


class Breaker(Section):
    """The circuit breaker: see docs/breaker.md.

    ``watch: auto`` is on where labels come from feedback, which can cease, and no field keys the model.
    """

    watch: Literal["auto", "on", "off"] = "auto"
    hold_back: int = Field(default=2_000, ge=0, le=100_000)
    apart: float = Field(default=1e9, ge=1e4, le=1e15)
    silence: Duration = Field(default=duration("30m"), le=duration("1d"))
    max_parts: int = Field(default=256, ge=1, le=65_536)
    policy: Literal["discard", "hold"] = "discard"
    max_held: int = Field(default=100_000, ge=0, le=10_000_000)


def switched(value: Any) -> Any:
    """Write out ``breaker: off``; a breaker with options is on unless they say otherwise."""
    if isinstance(value, str):
        return {"watch": value}
    return {"watch": "on", **value} if isinstance(value, dict) else value


class _Filter(Section):
    action: Literal["drop", "quarantine", "cap"] = "quarantine"
    cap: float = Field(default=0.1, ge=0, lt=1)


class Outliers(_Filter):
    """Outliers of a number, by the values of a categorical field if ``by`` names one: see docs/anomalies.md."""

    by: str | None = None
    ratios: bool = True
    max_categories: int = Field(default=1_024, ge=1, le=1 << 20)
    learn: int = Field(default=100, ge=1, le=10_000)
    error: float = Field(default=1e-6, ge=1e-12, le=0.1)


class Strange(_Filter):
    """Examples that are unlike those before them: see docs/anomalies.md."""

    rate: float = Field(default=1e-3, ge=1e-6, le=0.5)
    learn: int = Field(default=5_000, ge=2_000, le=10_000_000)
