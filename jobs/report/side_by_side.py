"""The part of the page where models of one label stand in one chart."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from jobs.monitor.text import count, figure
from jobs.report.chart import Line, Mark, chart
from jobs.report.parts import moment

STYLES: Final = tuple(f"series{n}" for n in range(1, 7))
"""Lines of the page's style: colours and dashes, so that no two are alike without colour. A seventh is as the first."""


def side_by_side(compared: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a section with a chart for each label that several models predict; nothing for none."""
    charts = "".join(_chart(label, told) for label, told in compared.items())
    note = (
        '<p class="note">AUC of fresh scores, window by window; all models end together, so what began later stands '
        "at the end. A model outside of the window in which it learns is judged like any other. Vertical lines: drawn "
        "through where the truth of a simulation says that tastes changed, dashed where a detector saw a change.</p>"
    )
    return f"<section><h2>Models side by side</h2>{charts}{note}</section>" if charts else ""


def _chart(label: str, told: Mapping[str, Any]) -> str:
    lines = [
        Line(name, STYLES[place % len(STYLES)], [(at, auc) for at, auc in points])
        for place, (name, points) in enumerate(told["models"].items())
    ]
    best = told["best_auc"]
    title = f"AUC of {label}"
    drawn = chart(
        title,
        lines,
        x_label="examples",
        level=None if best is None else ("best possible", best),
        show=figure,
        marks=[Mark(change["examples"], _said(change), known=change["model"] is None) for change in told["changes"]],
        about=_about(told),
    )
    what = "the chance that a positive is ranked above a negative; in bold the last window"
    return drawn.replace("</figcaption>", f" <small>{escape(what)}</small></figcaption>", 1)


def _said(change: Mapping[str, Any]) -> str:
    of = f" of {change['model']}" if change["model"] else ""
    return f"{change['what']}{of}, {moment(change['event_time'])}"


def _about(told: Mapping[str, Any]) -> str:
    last = ", ".join(f"{name} {figure(points[-1][1])}" for name, points in told["models"].items())
    best = "" if told["best_auc"] is None else f" The best possible is {figure(told['best_auc'])}."
    changes = [f" After {count(change['examples'])} examples: {_said(change)}." for change in told["changes"]]
    return f"In the last window: {last}.{best}{''.join(changes)}"
