"""The sections ``anomalies``: rules about users and items, and what becomes of events that are no customer's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from jobs.config.guards import Outliers, Strange
from jobs.config.nearest import nearest
from jobs.config.section import Names, Section
from udfs.quality.anomaly.reasons import ITEM_REASONS, USER_REASONS

COUNTED: Final = "clickless"
"""The reason that everybody falls under while feedback is missing: an action for all rules leaves it alone."""
_ALLOWED: Final = "count, drop, quarantine, or {cap: W} with W from 0"


class Action(Section):
    """What becomes of an event; ``weight`` is that of ``cap``."""

    do: Literal["count", "drop", "quarantine", "cap"]
    weight: float = Field(default=1.0, ge=0, allow_inf_nan=False)


def action(value: Any) -> Any:
    """Return the action that is written ``drop`` or ``{cap: 0.1}``."""
    if value in ("count", "drop", "quarantine"):
        return Action(do=value)
    if isinstance(value, dict) and set(value) == {"cap"}:
        weight = value["cap"]
        if isinstance(weight, int | float) and not isinstance(weight, bool) and 0 <= weight < float("inf"):
            return Action(do="cap", weight=weight)
    if isinstance(value, Action):
        return value
    raise ValueError(f"allowed is {_ALLOWED}")


def write_action(value: Action) -> Any:
    """Return an action as it is written."""
    return {"cap": value.weight} if value.do == "cap" else value.do


ActionOf = Annotated[Action, BeforeValidator(action), PlainSerializer(write_action, when_used="json")]


def _by_reason(value: Any) -> Any:
    return actions_of(value, USER_REASONS, (COUNTED,))


def actions_of(value: Any, reasons: Sequence[str], spared: Sequence[str] = ()) -> dict[str, Any]:
    """Return actions by reason: those given, or one for all reasons but those that are spared."""
    if not isinstance(value, dict) or "cap" in value:
        return {reason: value for reason in reasons if reason not in spared}
    for reason in value:
        if reason not in reasons:
            alike = nearest(str(reason), reasons)
            raise ValueError(f"{reason!r} is no reason{alike} Allowed are: {', '.join(reasons)}")
    return value


class Users(Section):
    """Rules about each user alone; what is not named in ``actions`` is counted."""

    impression: Names = Field(min_length=1)
    click: Names = ()
    ignore: Names = ()
    learn: int = Field(default=20, ge=0, le=200)
    page: int = Field(default=10, ge=1, le=200)
    error: float = Field(default=1e-3, ge=1e-12, le=0.1)
    click_rate: float = Field(default=0.04, ge=1e-5, le=0.5)
    max_users: int = Field(default=1_000_000, ge=1_000, le=1 << 30)
    actions: Annotated[dict[str, ActionOf], BeforeValidator(_by_reason)] = Field(default={})


def _by_item_reason(value: Any) -> Any:
    return actions_of(value, ITEM_REASONS)


class Items(Section):
    """Rules about the items of a model's examples; what is not named in ``actions`` is counted."""

    field: str
    error: float = Field(default=1e-3, ge=1e-12, le=0.1)
    click_rate: float = Field(default=0.04, ge=1e-5, le=0.5)
    max_items: int = Field(default=1_000_000, ge=1_000, le=1 << 30)
    partitions: int = Field(default=1, ge=1, le=4_096)
    actions: Annotated[dict[str, ActionOf], BeforeValidator(_by_item_reason)] = Field(default={})


class ModelAnomalies(Section):
    """Rules about the examples of one model."""

    items: Items | None = None
    numbers: dict[str, Outliers] = Field(default={})
    strange: Strange | None = None


class Anomalies(Section):
    """Rules that hold for all models."""

    users: Users | None = None
