"""What of the page tells of a model's guards: the breaker's events, and what filters found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.monitor.events import moment_of, state_after, told
from jobs.monitor.text import count
from jobs.report.parts import table, tiles


def guards(model: Mapping[str, Any]) -> str:
    """Return the part of a model's section; nothing where nothing guards it."""
    breaker, anomalies = model.get("breaker"), model.get("anomalies", {})
    shown = _breaker(breaker) if breaker else ""
    if anomalies:
        found = [(name, count(n), "found by a filter") for name, n in anomalies.items()]
        shown += f"<h3>Anomalies</h3>{tiles(found)}"
    return shown


def _breaker(breaker: Mapping[str, Any]) -> str:
    state = "open" if breaker["open"] else "closed"
    counts = [
        ("circuit breaker", state, state_after(breaker)),
        ("trips", count(breaker["trips"]), "since the model began"),
        ("discarded", count(breaker["discarded"]), "examples not learned"),
        ("held", count(breaker["held"]), "examples kept until it closes"),
        ("pending", count(breaker["pending"]), "examples that wait for their verdict"),
    ]
    rows = [[moment_of(event), told(event), state_after(event)] for event in reversed(breaker["events"])]
    events = table(["impression time", "event", "after it"], rows) if rows else ""
    return f"<h3>Circuit breaker</h3>{tiles(counts)}{events}"
