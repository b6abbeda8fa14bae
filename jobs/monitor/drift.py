"""What the detectors of a model's partitions tell, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobs.monitor.documents import Learning


def drift_of(parts: Sequence[Learning]) -> dict[str, Any]:
    """Return by stream: counts added up, the mean estimate, the newest changes in order.

    A change stands where its partition was after the same share of its own examples, as in the learning curve.
    """
    total = sum(part.examples for part in parts)
    streams = {stream: None for part in parts for stream in part.drift}
    return {stream: _together([part for part in parts if stream in part.drift], stream, total) for stream in streams}


def _together(parts: Sequence[Learning], stream: str, total: int) -> dict[str, Any]:
    told = [part.drift[stream] for part in parts]
    known = [(each["estimate"], each["width"]) for each in told if each["estimate"] is not None]
    weight = sum(width for _, width in known)
    log = [
        {**change, "examples": change["examples"] * total // max(part.examples, 1)}
        for part in parts
        for change in part.drift[stream]["log"]
    ]
    return {
        "changes": sum(each["changes"] for each in told),
        "rises": sum(each["rises"] for each in told),
        "decays": sum(each["decays"] for each in told),
        "skipped": sum(each["skipped"] for each in told),
        "estimate": sum(estimate * width for estimate, width in known) / weight if weight else None,
        "log": sorted(log, key=lambda change: (change["examples"], change["event_time"])),
    }
