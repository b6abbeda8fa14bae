"""Changes that detectors saw: a table, and marks for the learning curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.monitor.text import count, figure
from jobs.report.chart import Mark
from jobs.report.parts import moment, table


def drift_part(model: Mapping[str, Any]) -> str:
    """Return what the detectors of a model tell; nothing where nothing is watched."""
    streams: Mapping[str, Any] = model.get("drift", {})
    if not streams:
        return ""
    rows = []
    for stream, told in streams.items():
        newest = moment(told["log"][-1]["event_time"]) if told["log"] else "-"
        counts = (count(told[name]) for name in ("changes", "rises", "decays", "skipped"))
        rows.append([stream, *counts, figure(told["estimate"]), newest])
    head = ["watched", "changes", "of them rises", "decays", "skipped", "mean now", "newest change"]
    return "<h3>Drift; on the curves above, vertical lines are changes</h3>" + table(head, rows)


def marks_of(model: Mapping[str, Any]) -> list[Mark]:
    """Return where the curves are marked, by examples, and what changed there."""
    return [
        Mark(change["examples"], f"{stream} {'rose' if change['rose'] else 'fell'}, {moment(change['event_time'])}")
        for stream, told in model.get("drift", {}).items()
        for change in told["log"]
    ]
