"""The configuration of a simulated shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from simulator.behaviour import Behaviour
from simulator.bots import Bots
from simulator.checks import refuse, within
from simulator.delays import Delays
from simulator.drift import Drift
from simulator.faults import Faults
from simulator.pages import Browsing
from simulator.population import Population
from simulator.span import DAY_MS, Span
from simulator.traffic import Traffic

_EARLIEST_MS, _LATEST_MS = 1_640_995_200_000, 4_102_444_800_000


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A shop and what goes wrong in it: the same values give the same bytes.

    Attributes:
        impressions: about how many impressions people see; feedback, searches, bots, sales and faults come on top.
        seed: decides everything random.
        days: the span over which sessions begin; the last feedback comes later.
        start_ms: the run's start, milliseconds since 1970, from 2022 to 2100: times keep thirteen digits.
        partitions: over which users are spread by a hash.
        slice_impressions: about how many impressions are made at a time, which bounds memory; another number is
            another stream.
    """

    impressions: int = 1_000_000
    seed: int = 1
    days: float = 7.0
    start_ms: int = 1_735_689_600_000
    partitions: int = 4
    slice_impressions: int = 50_000
    population: Population = field(default_factory=Population)
    traffic: Traffic = field(default_factory=Traffic)
    browsing: Browsing = field(default_factory=Browsing)
    behaviour: Behaviour = field(default_factory=Behaviour)
    delays: Delays = field(default_factory=Delays)
    drift: Drift = field(default_factory=Drift)
    bots: Bots = field(default_factory=Bots)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        within(self, 1, 1_000_000_000, "impressions", "slice_impressions")
        within(self, 0, 2**53, "seed")
        within(self, 0.001, 1_000, "days")
        within(self, _EARLIEST_MS, _LATEST_MS, "start_ms")
        within(self, 1, 1_000, "partitions")
        self._check_spans()

    @property
    def run_ms(self) -> int:
        """Milliseconds over which sessions begin."""
        return round(self.days * DAY_MS)

    @property
    def slices(self) -> list[tuple[int, int]]:
        """The slices of the run, all of the same length, in milliseconds since its start."""
        count = -(-self.impressions // self.slice_impressions)
        edges = [self.run_ms * i // count for i in range(count + 1)]
        return list(pairwise(edges))

    def spans(self) -> list[tuple[str, Span]]:
        """Return every fault and drift that lasts a while, with its place in the configuration."""
        groups: dict[str, tuple[Span, ...]] = {
            "faults.user_clocks": self.faults.user_clocks,
            "faults.partition_clocks": self.faults.partition_clocks,
            "faults.outages": self.faults.outages,
            "faults.nulls": self.faults.nulls,
            "faults.units": self.faults.units,
            "drift.sales": self.drift.sales,
        }
        return [(f"{name}.{place}", span) for name, spans in groups.items() for place, span in enumerate(spans)]

    def _check_spans(self) -> None:
        for _, span in self.spans():
            partition = getattr(span, "partition", None)
            if partition is not None and not 0 <= partition < self.partitions:
                refuse(span, "partition", partition, f"0 to {self.partitions - 1}")
            if span.start >= self.days:
                refuse(span, "start", span.start, f"less than days, which is {self.days}")
        if any(day >= self.days for day in self.drift.sudden):
            refuse(self.drift, "sudden", self.drift.sudden, f"less than days, which is {self.days}")
