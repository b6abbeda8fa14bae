"""Features of what a user did before an impression, or of what became of an item that was shown before.

Those of users are as of the impression's time ``t``: the user's accepted events with a time before ``t``, and no
others, decide their values. Those of items are as of a time before it, so that every label that they are made of was
decided by ``t``. ``docs/behaviour.md`` has the definitions for those who serve a model.
"""

from __future__ import annotations

from typing import Literal

from udfs.schema.event import Description


class History(Description, frozen=True, kw_only=True, tag="history"):
    """The values of a field in the last events, a slot each, the newest first; repeated values count as often.

    Attributes:
        of: whose events.
        field: the field, categorical or text; an event in which it is missing adds nothing.
        events: the event types.
        last: how many values are remembered.
    """

    of: Literal["user"] = "user"
    field: str
    events: tuple[str, ...]
    last: int = 10


class _Numeric(Description, frozen=True, kw_only=True):
    """A number of behaviour.

    Attributes:
        of: whose events; of an item's, ``events`` are those that make an example, or that make it positive.
        events: the event types.
        log: take ``sign(x) * log(1 + |x|)`` first.
        standardise: as for numbers.
    """

    of: Literal["user", "item"] = "user"
    events: tuple[str, ...]
    log: bool = False
    standardise: bool = True


class Count(_Numeric, frozen=True, kw_only=True, tag="count"):
    """How many events there were in a window that begins with a step, a sixteenth of it, and ends with the impression.

    Attributes:
        within: microseconds; with ``step = within // 16``, those count whose time is
            ``(t // step - 15) * step`` or later.
    """

    within: int


class Rate(_Numeric, frozen=True, kw_only=True, tag="rate"):
    """A smoothed ratio of two decayed counts: ``(N + prior * strength) / (D + strength)``.

    ``N`` is the sum over ``events``, ``D`` that over ``per``, of ``2 ** -((t - time) / half_life)``.

    Attributes:
        per: the event types that it is a rate of.
        half_life: microseconds after which an event counts half.
        prior: the rate of a user of whom nothing is known.
        strength: how many events the prior counts as.
    """

    per: tuple[str, ...]
    half_life: int
    prior: float = 0.05
    strength: float = 20.0


class Since(_Numeric, frozen=True, kw_only=True, tag="since"):
    """Seconds since the last event; missing when there was none."""


BEHAVIOUR = (History, Count, Rate, Since)
