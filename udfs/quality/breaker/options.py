"""What an operator can set and say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from udfs.errors import ConfigurationError


class Command(StrEnum):
    """What an operator can tell a breaker.

    ``open`` holds until another command; ``close`` goes on with the references from before the break, and opens again
    where that lasts; ``accept`` goes on, and what came with the break is the new normal: rates are those since it
    began, scales are learned anew.
    """

    OPEN = "open"
    CLOSE = "close"
    ACCEPT = "accept"


@dataclass(frozen=True, kw_only=True)
class BreakerOptions:
    """Options of the circuit breaker.

    Attributes:
        hold_back: examples that wait for their verdict until so many more have come: what a break spoils before it is
            noticed is not learned, if it is noticed within them. 0 gives each its verdict at once.
        apart: examples (of volume: minutes) between two false alarms of one test, where the rate that it watches falls
            no lower than 0.7 of its reference while that is made anew.
        silence: minutes that a partition of a topic is silent at least before that counts as a break; 0 for never. More
            than one partition is read behind another in impression time.
        max_parts: partitions that are followed; the one seen longest ago is dropped for another.
    """

    hold_back: int = 2_000
    apart: float = 1e9
    silence: int = 30
    max_parts: int = 256

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        limits = {"hold_back": (0, 100_000), "apart": (1e4, 1e15), "silence": (0, 1_440), "max_parts": (1, 65_536)}
        for name, (lowest, highest) in limits.items():
            if not lowest <= getattr(self, name) <= highest:
                raise ConfigurationError(
                    f"The breaker's {name} is {getattr(self, name)}", f"Give one from {lowest:g} to {highest:g}"
                )
