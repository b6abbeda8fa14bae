"""Rules about users and items: which events they look at, and what becomes of events that are no customer's."""

from __future__ import annotations

from typing import Literal

import msgspec

from udfs.schema.event import Description
from udfs.schema.guards import NumberRules, StrangeRules


class Action(Description, frozen=True, kw_only=True):
    """What becomes of an event for a reason.

    Attributes:
        do: ``count`` it only, ``drop`` it, ``quarantine`` it among the dead letters, or ``cap`` its weight.
        weight: with ``cap``, the most that an example made of it weighs.
    """

    do: Literal["count", "drop", "quarantine", "cap"] = "count"
    weight: float = 1.0


class UserAnomalies(Description, frozen=True, kw_only=True):
    """Rules about each user alone, as ``UserOptions`` of ``udfs/quality/anomaly`` describes them.

    Attributes:
        impressions: the event types that are impressions.
        clicks: those that are clicks; none turns the rules about clicks off.
        ignored: those that a browser sends by itself, which say nothing about whoever sits before it.
        max_users: users that are remembered in all buckets together.
        learn: events of a user before the first verdict.
        page: impressions on a page of results.
        error: probability that the rules together ever take a person for a bot.
        click_rate: clicks per impression, roughly.
        actions: by reason; others are counted.
    """

    impressions: tuple[str, ...]
    clicks: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    max_users: int = 1_000_000
    learn: int = 20
    page: int = 10
    error: float = 1e-3
    click_rate: float = 0.04
    actions: dict[str, Action] = msgspec.field(default_factory=dict)

    @property
    def caps(self) -> bool:
        """Whether any action caps weights."""
        return any(action.do == "cap" for action in self.actions.values())


class ItemAnomalies(Description, frozen=True, kw_only=True):
    """Rules about the items of a model's examples, as ``ItemOptions`` of ``udfs/quality/anomaly`` describes them.

    Attributes:
        field: the field that names the item.
        partitions: over how many state keys the items are spread.
        max_items: items that are remembered, in all partitions together.
        error: probability that the rules together ever suspect an item that nothing is wrong with.
        click_rate: positive examples per example, roughly.
        actions: by reason; others are counted.
    """

    field: str
    partitions: int = 1
    max_items: int = 1_000_000
    error: float = 1e-3
    click_rate: float = 0.04
    actions: dict[str, Action] = msgspec.field(default_factory=dict)


class ModelAnomalies(Description, frozen=True, kw_only=True):
    """Rules about the examples of one model.

    Attributes:
        items: rules about their items; None turns them off.
        numbers: filters of numbers before the model, in this order; a field stands there once.
        strange: the filter of whole examples behind those.
    """

    items: ItemAnomalies | None = None
    numbers: tuple[NumberRules, ...] = ()
    strange: StrangeRules | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What is counted: ``FIELD.low`` and ``FIELD.high`` of each number, ``strange``."""
        sides = [f"{rules.field}.{side}" for rules in self.numbers for side in ("low", "high")]
        return (*sides, "strange") if self.strange is not None else tuple(sides)


class Anomalies(Description, frozen=True, kw_only=True):
    """Rules that hold for all models.

    Attributes:
        users: rules about users; None turns them off.
    """

    users: UserAnomalies | None = None
