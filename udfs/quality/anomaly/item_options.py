"""What the rules about items are told, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from udfs.quality.anomaly.checks import within


class ItemReason(IntEnum):
    """Why a click is not a customer's; the first that holds.

    ``RING``: the item's clicks come from the same few accounts, of which this is one. ``HOT``: it is clicked more often
    than any item is. ``YOUNG``: its clicks come from young accounts, of which this is one.
    """

    FINE = 0
    RING = 1
    HOT = 2
    YOUNG = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOptions:
    """What a shop may have to say.

    Attributes:
        max_items: items that are remembered, in 85 to 170 bytes each; what is stored of each is 64.
        error: probability that the rules together ever suspect an item that nothing is wrong with.
        click_rate: clicks per impression, roughly; what items are like is learned.
    """

    max_items: int = 98_304
    error: float = 1e-3
    click_rate: float = 0.04

    def __post_init__(self) -> None:
        within(self, max_items=(16, 1 << 30), error=(1e-12, 0.1), click_rate=(1e-5, 0.5))
