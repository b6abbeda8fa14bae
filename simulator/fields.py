"""Faults of what events say: clocks that are off, fields that are null, prices in another unit."""

from __future__ import annotations

from collections import Counter

import numpy as np

from simulator.events import IMPRESSION, Events, hashed
from simulator.faults import BITS, FIELDS, Faults
from simulator.span import DAY_MS, HOUR_MS
from udfs.types import Bool

_CENTS = 100


def falsify(rng: np.random.Generator, events: Events, faults: Faults, tally: Counter[str]) -> None:
    """Change what events say, in place, and mark them; which span holds them is decided by their true time.

    ``tally`` counts how many each span changed, by its place in the configuration.
    """
    time = events["ts"].copy()
    for place, user_clock in enumerate(faults.user_clocks):
        lot = hashed(events["user"], 1 + place) / 2.0**64
        hit = user_clock.holds(time) & (lot < user_clock.share)
        tally[f"faults.user_clocks.{place}"] += _shift(events, hit, user_clock.hours, "user_clock")
    for place, clock in enumerate(faults.partition_clocks):
        hit = clock.holds(time) & (events["partition"] == clock.partition)
        tally[f"faults.partition_clocks.{place}"] += _shift(events, hit, clock.hours, "partition_clock")
    _throw_far(rng, events, faults)
    impression = events["type"] == IMPRESSION
    for place, null in enumerate(faults.nulls):
        hit = impression & null.holds(time)
        events["nulls"][hit] |= 1 << FIELDS.index(null.field)
        tally[f"faults.nulls.{place}"] += _mark(events, hit, "null")
    for place, unit in enumerate(faults.units):
        hit = impression & unit.holds(time) & (events["faults"] & BITS["unit"] == 0)
        events["price"][hit] *= _CENTS
        tally[f"faults.units.{place}"] += _mark(events, hit, "unit")


def _shift(events: Events, hit: Bool, hours: float, name: str) -> int:
    events["ts"][hit] += round(hours * HOUR_MS)
    return _mark(events, hit, name)


def _mark(events: Events, hit: Bool, name: str) -> int:
    events["faults"][hit] |= BITS[name]
    return int(hit.sum())


def _throw_far(rng: np.random.Generator, events: Events, faults: Faults) -> None:
    hit = rng.random(len(events)) < faults.far_clock
    days = np.exp(rng.uniform(0, np.log(faults.far_days), int(hit.sum())))
    sign = rng.choice((-1, 1), len(days))
    events["ts"][hit] += (sign * days * DAY_MS).astype(np.int64)
    _mark(events, hit, "far_clock")
