"""The features of behaviour as docs/behaviour.md defines them: through all of a user's events for each impression."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Event(NamedTuple):
    """An accepted event of one user: its time in microseconds, what orders events of one time, its type and fields."""

    time: int
    order: Any
    type: str
    fields: dict[str, Any]


class Shown(NamedTuple):
    """What an impression leaves with: clicks within an hour, the click rate, seconds since a click, items."""

    numbers: tuple[float, float, float]
    items: list[str]


def of_shop(events: Iterable[Event], moment: int) -> Shown:
    """Return what an impression of a user with these events leaves with under ``benchmarks.quality.shop.FEATURES``."""
    hour, week = 3_600_000_000, 604_800_000_000
    earlier = before(events, moment, ("impression", "click", "cart"))
    clicks, shown = ([event for event in earlier if event.type == one] for one in ("click", "impression"))
    numbers = count(clicks, moment, hour), rate(clicks, shown, moment, week, 0.05, 20.0), since(clicks, moment)
    return Shown(numbers, history([event for event in earlier if event.type != "impression"], "item", 10))


def before(events: Iterable[Event], moment: int, types: Sequence[str]) -> list[Event]:
    """Return the events of these types before a moment, the newest first."""
    return sorted((e for e in events if e.time < moment and e.type in types), key=lambda e: e[:2], reverse=True)


def history(events: Sequence[Event], field: str, last: int) -> list[str]:
    """Return the newest values of a field."""
    return [str(event.fields[field]) for event in events if event.fields.get(field)][:last]


def count(events: Sequence[Event], moment: int, within: int) -> float:
    """Return how many events there were since the step, a sixteenth of the window, with which it begins."""
    step = within // 16
    return float(sum(event.time >= (moment // step - 15) * step for event in events))


def rate(
    above: Sequence[Event], below: Sequence[Event], moment: int, half_life: float, prior: float, strength: float
) -> float:
    """Return the smoothed ratio of decayed counts."""
    one, other = (
        sum(math.pow(2.0, (event.time - moment) / half_life) for event in events) for events in (above, below)
    )
    return (one + prior * strength) / (other + strength)


def since(events: Sequence[Event], moment: int) -> float:
    """Return the seconds since the newest event; NaN where there is none."""
    return (moment - events[0].time) / 1e6 if events else math.nan
