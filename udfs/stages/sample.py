"""Real rows that ride along with examples, so that a release can be compared with its learner."""

from __future__ import annotations

from typing import Any

import msgspec

from udfs.decode.line import read_line
from udfs.schema import Plan


def sample_row(raw: bytes, plan: Plan, columns: tuple[str, ...], topic: str, now: int) -> bytes:
    """Return one event's cleaned fields and ``timestamp`` (microseconds) as JSON: what a released model takes."""
    event = read_line(raw, plan, columns, topic, now)
    row: dict[str, Any] = {**event.values, "timestamp": event.time}
    return msgspec.json.encode(row)
