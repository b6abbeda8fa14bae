"""What the rule about outliers is told, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from udfs.quality.anomaly.checks import within


class OutlierReason(IntEnum):
    """What is wrong with a number."""

    FINE = 0
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierOptions:
    """What a field is like.

    Attributes:
        ratios: whether half and double are equally far from a number, as with prices; else differences count.
        max_categories: categories with a median of their own, 4 kB each; those beyond share one.
        learn: numbers of a category before the first verdict.
        error: share of good numbers that are taken for outliers where they are normally distributed.
    """

    ratios: bool = True
    max_categories: int = 1024
    learn: int = 100
    error: float = 1e-6

    def __post_init__(self) -> None:
        within(self, max_categories=(1, 1 << 20), learn=(1, 10_000), error=(1e-12, 0.1))
