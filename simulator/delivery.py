"""Faults of how lines arrive: out of order, late, twice, corrupt, or never."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from simulator.dirt import KINDS
from simulator.events import CLICK, IMPRESSION, SEARCH, TYPES, Events
from simulator.faults import BITS, Faults
from simulator.span import HOUR_MS
from udfs.types import I64, Bool

_KINDS = tuple(KINDS)
_FEEDBACK_KINDS = [_KINDS.index(name) for name in ("not_json", "missing_field", "bad_timestamp")]
_SEARCH_KINDS = [*_FEEDBACK_KINDS, _KINDS.index("not_utf8"), _KINDS.index("too_large")]


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What arrives, and what was lost.

    Attributes:
        events: one row a line, the events first, then the repeated and the corrupt lines.
        whole: how many rows are events.
        repeated: how many rows after them repeat one.
        lost: events that never arrive.
    """

    events: Events
    whole: int
    repeated: int
    lost: Events


def deliver(
    rng: np.random.Generator, events: Events, first: int, partitions: int, faults: Faults, tally: Counter[str]
) -> Delivered:
    """Return the lines of events; corrupt ones are numbered from ``first`` on, so that none has an event's id.

    What an outage loses is not repeated either. ``tally`` counts how many events each lost, by its place in the
    configuration.
    """
    _hold_up(rng, events, "reordered", faults.reordered, (0, faults.reorder_seconds * 1000))
    shortest, longest = faults.late_hours
    _hold_up(rng, events, "late", faults.late, (shortest * HOUR_MS, longest * HOUR_MS))
    outages = _in_outages(events, faults)
    tally.update({f"faults.outages.{place}": int(hit.sum()) for place, hit in enumerate(outages)})
    lost = outages.any(axis=0)
    events["faults"][lost] |= BITS["outage"]
    arriving = events if not lost.any() else events[~lost]
    copies, origin = _copies(rng, arriving, partitions, faults)
    arriving["faults"][origin] |= BITS["duplicate"]
    corrupt = _corrupt(rng, arriving, first, faults)
    return Delivered(
        events=np.concatenate((arriving, copies, corrupt)),
        whole=len(arriving),
        repeated=len(copies),
        lost=events[lost],
    )


def _hold_up(rng: np.random.Generator, events: Events, name: str, rate: float, delay_ms: tuple[float, float]) -> None:
    hit = rng.random(len(events)) < rate
    events["arrival"][hit] += rng.uniform(*delay_ms, int(hit.sum())).astype(np.int64)
    events["faults"][hit] |= BITS[name]


def _in_outages(events: Events, faults: Faults) -> Bool:
    """Return which events (outages, n) each outage would lose."""
    hit = np.zeros((len(faults.outages), len(events)), np.bool_)
    for place, outage in enumerate(faults.outages):
        hit[place] = (events["type"] == CLICK) & outage.holds(events["arrival"])
        if outage.partition is not None:
            hit[place] &= events["partition"] == outage.partition
    return hit


def _copies(rng: np.random.Generator, events: Events, partitions: int, faults: Faults) -> tuple[Events, I64]:
    """Return the repeated lines that arrive, and the places of their events."""
    origin = np.flatnonzero(rng.random(len(events)) < faults.duplicates)
    copies = events.take(origin)
    longest = np.log(faults.duplicate_hours * HOUR_MS)
    copies["arrival"] += np.exp(rng.uniform(np.log(1000), max(longest, np.log(1000)), len(copies))).astype(np.int64)
    elsewhere = rng.random(len(copies)) < faults.elsewhere
    copies["partition"][elsewhere] = rng.integers(0, partitions, int(elsewhere.sum()))
    arrives = ~_in_outages(copies, faults).any(axis=0)
    return copies[arrives], origin[arrives]


def _corrupt(rng: np.random.Generator, events: Events, first: int, faults: Faults) -> Events:
    """Return lines like those of some events, with their arrival, each of a kind that its type allows."""
    rows = events.take(np.flatnonzero(rng.random(len(events)) < faults.corrupt))
    draw = rng.random(len(rows))
    for number in range(len(TYPES)):
        kinds = {SEARCH: _SEARCH_KINDS, IMPRESSION: list(range(len(_KINDS)))}.get(number, _FEEDBACK_KINDS)
        of_type = rows["type"] == number
        rows["corrupt"][of_type] = 1 + np.array(kinds)[(draw[of_type] * len(kinds)).astype(np.int64)]
    rows["nulls"] = 0
    rows["number"] = np.arange(first, first + len(rows))
    return rows
