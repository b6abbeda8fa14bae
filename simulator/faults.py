"""What can go wrong with events on their way, each kind at a rate or in a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.checks import refuse, within
from simulator.span import Span

NAMES: Final = (
    "duplicate",
    "reordered",
    "late",
    "far_clock",
    "user_clock",
    "partition_clock",
    "outage",
    "null",
    "unit",
)
"""The faults of events, in the order of their bits."""
BITS: Final = {name: 1 << place for place, name in enumerate(NAMES)}
FIELDS: Final = ("category", "device", "query", "price")
"""The fields of impressions that can become null, in the order of their bits."""
FAR_DAYS: Final = 3_650
CLOCK_HOURS: Final = 10_000
"""The furthest that clocks can be off: times keep thirteen digits."""


@dataclass(frozen=True, kw_only=True)
class UserClock(Span):
    """The devices of some people have a clock that is off.

    Attributes:
        share: of the people.
        hours: by which their clocks are ahead.
    """

    share: float
    hours: float

    def __post_init__(self) -> None:
        super().__post_init__()
        within(self, 0, 1, "share")
        within(self, -CLOCK_HOURS, CLOCK_HOURS, "hours")


@dataclass(frozen=True, kw_only=True)
class PartitionClock(Span):
    """The server behind one partition has a clock that is off.

    Attributes:
        partition: which.
        hours: by which its clock is ahead.
    """

    partition: int
    hours: float

    def __post_init__(self) -> None:
        super().__post_init__()
        within(self, -CLOCK_HOURS, CLOCK_HOURS, "hours")


@dataclass(frozen=True, kw_only=True)
class Outage(Span):
    """Clicks that would arrive within the span are lost.

    Attributes:
        partition: whose clicks; None for those of all.
    """

    partition: int | None = None


@dataclass(frozen=True, kw_only=True)
class NullField(Span):
    """A field of impressions is null.

    Attributes:
        field: category, device, query or price.
    """

    field: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.field not in FIELDS:
            refuse(self, "field", self.field, ", ".join(FIELDS))


@dataclass(frozen=True, kw_only=True)
class UnitChange(Span):
    """Prices are given in cents."""


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Every fault of a run; by default none.

    Attributes:
        duplicates: lines that repeat an event, per event.
        duplicate_hours: the longest time after which a line is repeated; log-uniform from a second on.
        elsewhere: share of the repeated lines that come in any partition, not in their user's.
        reordered: share of events that arrive later than they should by less than ``reorder_seconds``.
        reorder_seconds: bound of that delay.
        late: share of events that arrive hours after they should.
        late_hours: the shortest and the longest such delay.
        corrupt: corrupt lines, all kinds alike, that come on top of the events, per event.
        far_clock: share of single events whose time is days to ``far_days`` in the future or in the past.
        far_days: bound of that, ten years at the most.
        user_clocks: people's clocks that are off.
        partition_clocks: clocks of partitions that are off.
        outages: clicks that are lost.
        nulls: fields that are null.
        units: prices that are in cents.
    """

    duplicates: float = 0.0
    duplicate_hours: float = 6.0
    elsewhere: float = 0.1
    reordered: float = 0.0
    reorder_seconds: float = 30.0
    late: float = 0.0
    late_hours: tuple[float, float] = (2.0, 36.0)
    corrupt: float = 0.0
    far_clock: float = 0.0
    far_days: float = 3_650.0
    user_clocks: tuple[UserClock, ...] = ()
    partition_clocks: tuple[PartitionClock, ...] = ()
    outages: tuple[Outage, ...] = ()
    nulls: tuple[NullField, ...] = ()
    units: tuple[UnitChange, ...] = ()

    def __post_init__(self) -> None:
        within(self, 0, 1, "duplicates", "elsewhere", "reordered", "late", "corrupt", "far_clock")
        within(self, 0.001, 10_000, "duplicate_hours")
        within(self, 0.001, 100_000, "reorder_seconds")
        within(self, 1, FAR_DAYS, "far_days")
        shortest, longest = self.late_hours
        if not 0 < shortest <= longest <= 10_000:
            refuse(self, "late_hours", self.late_hours, "0 < shortest <= longest <= 10,000")
