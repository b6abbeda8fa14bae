"""What circuit breakers tell of themselves, as a line for operators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

_WATCHED: Final = {
    "positive_rate": "positives",
    "coverage": "values",
    "nonzero": "values other than 0",
    "distribution": "a median of",
    "volume": "examples",
}


def told(event: Mapping[str, Any]) -> str:
    """Return what happened, in words.

    >>> told({"event": "trip", "guard": "positive_rate", "item": "", "expected": 26.64, "seen": 0.0})
    'trip of positive_rate: 0 positives where 26.6 were expected'
    >>> told({"event": "ignored", "command": "open", "reason": "the model has no circuit breaker"})
    'open was ignored: the model has no circuit breaker'
    >>> told({"event": "accept", "guard": "coverage", "item": "query"})
    'accept of coverage (query)'
    """
    if event["event"] == "ignored":
        return f"{event['command']} was ignored: {event['reason']}"
    item = f" ({event['item']})" if event.get("item") else ""
    what = f"{event['event']} of {event['guard']}{item}" if "guard" in event else str(event["event"])
    if "expected" not in event:
        return what
    watched = _WATCHED.get(event["guard"], "")
    if event["guard"] == "distribution":
        return f"{what}: {watched} {event['seen']:.4g} after {event['expected']:.4g}"
    return f"{what}: {event['seen']:.4g} {watched} where {event['expected']:.3g} were expected"


def state_after(event: Mapping[str, Any]) -> str:
    """Return what holds after an event."""
    return "open: nothing is learned or released" if event["open"] else "closed"


def moment_of(event: Mapping[str, Any]) -> str:
    """Return the impression time of an event."""
    return f"{datetime.fromtimestamp(event['time'] / 1e6, UTC):%Y-%m-%d %H:%M:%S}" if event["time"] else "-"


def line_of(document: Mapping[str, Any]) -> str:
    """Return the line of a report of the stage ``breaker``."""
    return f"breaker of {document['model']} at {moment_of(document)}: {told(document)}; it is {state_after(document)}"
