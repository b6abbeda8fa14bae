"""Real rows that ride along with examples, so that a release can be compared with its learner."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from udfs.decode.line import read_line
from udfs.schema import Plan
from udfs.types import U64, Bool

ONE_IN: Final = 256


def chosen(ids: U64, search: U64 | None = None) -> Bool:
    """Return which of the events (n, 2) ride along: one in 256 by hash of the event's identity, whatever the batch.

    Where searches are joined, those that belong to a search (n,), which is not 0, ride along by its hash: a search and
    the impressions that take its fields do so together.
    """
    drawn = ids[:, 1] if search is None else np.where(search == 0, ids[:, 1], search)
    mask: Bool = drawn % np.uint64(ONE_IN) == 0
    return mask


def sample_row(raw: bytes, plan: Plan, columns: tuple[str, ...], topic: str, now: int) -> bytes:
    """Return one valid event's cleaned fields and ``timestamp`` (microseconds) as JSON: what a released model takes."""
    event = read_line(raw, plan, columns, topic, now)
    row: dict[str, Any] = {**event.values, "timestamp": event.time}
    return msgspec.json.encode(row)
