"""Events as rows of one structured array, from their making to the line that is written."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.delays import Delays
from simulator.impressions import Impressions
from udfs.types import I64, U64

Events: TypeAlias = npt.NDArray[np.void]

TYPES = ("search", "impression", "click", "cart", "purchase")
SEARCH, IMPRESSION, CLICK, CART, PURCHASE = range(len(TYPES))

EVENT = np.dtype(
    [
        ("number", np.int64),
        ("ts", np.int64),
        ("arrival", np.int64),
        ("impression", np.int64),
        ("query", np.int64),
        ("user", np.int32),
        ("item", np.int32),
        ("price", np.int32),
        ("faults", np.uint16),
        ("partition", np.int16),
        ("words", np.int16, (3,)),
        ("type", np.uint8),
        ("category", np.uint8),
        ("device", np.uint8),
        ("position", np.uint8),
        ("nulls", np.uint8),
        ("corrupt", np.uint8),
    ],
    align=True,
)
"""``ts`` is what the event says, ``arrival`` when its line arrives: both in milliseconds since the run's start.

``number`` makes the event's id, ``impression`` and ``query`` those of an impression and a query, -1 for none; ``price``
is in cents; ``faults`` are the bits of ``faults.BITS``, ``nulls`` bits in the order of ``faults.FIELDS``; ``corrupt``
is 0, or 1 + the place of a kind in ``dirt.KINDS``.
"""


def impressions_of(shown: Impressions, first: int, queries: I64) -> Events:
    """Return the events (n,) of impressions, numbered from ``first``; ``queries`` (n,) are their queries or -1."""
    events = np.zeros(len(shown), EVENT)
    events["type"] = IMPRESSION
    events["ts"] = shown.time
    events["impression"] = np.arange(first, first + len(shown))
    events["query"] = queries
    for name in ("user", "item", "price", "words", "category", "device", "position"):
        events[name] = getattr(shown, name)
    return events


def searches_of(impressions: Events, at: I64, before_ms: I64) -> Events:
    """Return the searches that the impressions at the places (n,), each the first of its page, answer."""
    events = impressions.take(at)
    events["type"] = SEARCH
    events["ts"] -= before_ms
    events["impression"] = -1
    return events


def answers_of(impressions: Events, kind: int, at: I64, time: I64) -> Events:
    """Return the feedback of one type at the times (n,) to the impressions at the places (n,)."""
    events = impressions.take(at)
    events["type"] = kind
    events["ts"] = time
    return events


def sent(events: Events, rng: np.random.Generator, first: int, partitions: int, delays: Delays) -> Events:
    """Give events their numbers from ``first`` on, their arrival, and the partition that their user decides."""
    events["number"] = np.arange(first, first + len(events))
    events["arrival"] = events["ts"] + delays.transport(rng, len(events))
    events["partition"] = hashed(events["user"], 0) % np.uint64(partitions)
    return events


def hashed(number: npt.NDArray[Any], salt: int) -> U64:
    """Return 64 mixed bits of each number (n,): the finaliser of SplitMix64 (Steele et al., OOPSLA 2014)."""
    bits = number.astype(np.uint64) + np.uint64((salt + 1) * 0x9E3779B97F4A7C15 % 2**64)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: U64 = bits ^ (bits >> np.uint64(31))
    return mixed
