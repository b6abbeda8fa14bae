"""Where an archive of files ends and topics begin."""

from __future__ import annotations

from udfs.schema.event import Description


class Switch(Description, frozen=True, kw_only=True):
    """How events are told apart that both hold.

    Attributes:
        time: events of files count before this event time, events of topics from it on, microseconds since 1970; None
            where the archive says at which offsets it ends, so that neither side holds what the other does.
    """

    time: int | None = None
