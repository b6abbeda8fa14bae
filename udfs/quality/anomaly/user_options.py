"""What the rules about users are told, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from udfs.quality.anomaly.checks import within

IMPRESSION, CLICK, OTHER = range(3)
"""Kinds of events."""


class UserReason(IntEnum):
    """Why an event is not a customer's; the first that holds."""

    FINE = 0
    PACE = 1
    DAY = 2
    REGULAR = 3
    RESTLESS = 4
    CLICKER = 5
    CLICKLESS = 6
    HASTY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOptions:
    """What a shop may have to say.

    Attributes:
        max_users: users that are remembered, in 85 to 170 bytes each; what is stored of each is 64.
        learn: events of a user before the first verdict.
        page: impressions on a page of results.
        error: probability that the rules together ever take a person for a bot.
        click_rate: clicks per impression, roughly; what people do is learned.
    """

    max_users: int = 98_304
    learn: int = 20
    page: int = 10
    error: float = 1e-3
    click_rate: float = 0.04

    def __post_init__(self) -> None:
        within(self, max_users=(16, 1 << 30), learn=(0, 200), page=(1, 200), error=(1e-12, 0.1), click_rate=(1e-5, 0.5))
