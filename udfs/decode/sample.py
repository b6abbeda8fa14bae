"""Real rows that ride along with examples, so that a release can be compared with its learner."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from udfs.decode.layout import Layout
from udfs.decode.line import read_line
from udfs.schema import History, Plan
from udfs.types import I64, U8, U64, Bool

ONE_IN: Final = 256
_USERS: Final = 64
_THEIRS: Final = ONE_IN // _USERS


def _drawn(ids: U64, search: U64 | None) -> U64:
    """Return the hash (n,) that decides whether an event rides along, by its identity (n, 2) or by its search (n,)."""
    return ids[:, 1] if search is None else np.where(search == 0, ids[:, 1], search)


def chosen(ids: U64, search: U64 | None = None) -> Bool:
    """Return which of the events (n, 2) ride along: one in 256 by hash of the event's identity, whatever the batch.

    Where searches are joined, those that belong to a search (n,), which is not 0, ride along by its hash: a search and
    the impressions that take its fields do so together.
    """
    mask: Bool = _drawn(ids, search) % np.uint64(ONE_IN) == 0
    return mask


class Riders:
    """Which rows ride along under a plan.

    With histories those of one user in 64: all events that add to a history, whose values are then known as strings
    when a row of that user is compared, and one in four of the others.
    """

    def __init__(self, layout: Layout) -> None:
        kinds = [layout.features.features[name] for name in layout.histories]
        adding = {event for kind in kinds if isinstance(kind, History) for event in kind.events}
        self._adding: Bool = np.array([event.name in adding for event in layout.plan.events], np.bool_)

    def of(self, ids: U64, types: U8, users: U64, rows: I64, search: U64 | None = None) -> Bool:
        """Return which events ride along.

        Args:
            ids: uint64 (n, 2): the hashes of their identities.
            types: uint8 (n,).
            users: uint64 (m, 2): the hashes of the users of a batch.
            rows: int64 (n,): where in it the events stand.
            search: of ``chosen``.
        """
        if not self._adding.any():
            return chosen(ids, search)
        # Other bits than those of the identity, which is the user's where an event has none.
        theirs = (users[rows, 1] >> np.uint64(32)) % np.uint64(_USERS) == 0
        mask: Bool = theirs & (self._adding[types] | (_drawn(ids, search) % np.uint64(_THEIRS) == 0))
        return mask


def sample_row(raw: bytes, plan: Plan, columns: tuple[str, ...], topic: str, now: int) -> bytes:
    """Return one valid event's cleaned fields and ``timestamp`` (microseconds) as JSON: what a released model takes."""
    event = read_line(raw, plan, columns, topic, now)
    row: dict[str, Any] = {**event.values, "timestamp": event.time}
    return msgspec.json.encode(row)
