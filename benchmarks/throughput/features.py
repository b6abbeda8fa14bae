"""The fixed workload in plain Python: ten features of a line, two of them crosses, for the peers that are in Python."""

from __future__ import annotations

import math
from typing import Any

import orjson

MAX_LINE_BYTES = 65_536
COLUMNS = (
    "event_id STRING, ts BIGINT, `user` STRING, item STRING, category STRING, device STRING, "
    "query STRING, price DOUBLE, `position` INT, click INT"
)


def decode(line: bytes) -> dict[str, Any] | None:
    """Return the event, or None for a bad line."""
    if len(line) > MAX_LINE_BYTES:
        return None
    try:
        event: dict[str, Any] = orjson.loads(line)
        good = event["ts"] > 0 and math.isfinite(event["price"]) and event["user"] and event["event_id"]
    except (ValueError, KeyError, TypeError):
        return None
    return event if good else None


def features(event: dict[str, Any]) -> dict[str, float]:
    """Return names and values: user, item, category, device, position, hour, words, price and two crosses."""
    user, item, category, device = event["user"], event["item"], event["category"], event["device"]
    named = {
        f"user={user}": 1.0,
        f"item={item}": 1.0,
        f"category={category}": 1.0,
        f"device={device}": 1.0,
        f"position={event['position']}": 1.0,
        f"hour={event['ts'] // 3_600_000 % 24}": 1.0,
        f"user_category={user}\x1f{category}": 1.0,
        f"device_category={device}\x1f{category}": 1.0,
        "price": math.log1p(event["price"]),
    }
    for word in event["query"].split(" "):
        named[f"query={word}"] = 1.0
    return named
