"""The part of the page about one model: how well it does, how it learned, what was released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from jobs.monitor.status import BASELINES
from jobs.monitor.text import LABELS, count, figure
from jobs.report.chart import Line, Point, chart
from jobs.report.drift import drift_part, marks_of
from jobs.report.guards import guards
from jobs.report.parts import moment, table, tiles

_CLOCKS: Final = ("fresh", "as_served")
_CURVES: Final = ("log_loss", "normalised_entropy", "auc", "auc_unshown", "calibration", "mae", "rmse")
_LEVELS: Final = {
    "normalised_entropy": ("as good as the prior", 1.0),
    "calibration": ("calibrated", 1.0),
    "auc": ("chance", 0.5),
    "auc_unshown": ("chance", 0.5),
}
_NEWEST: Final = 12
"""Releases that are shown at once; older ones unfold."""
_WITHOUT_BASELINES: Final = ("normalised_entropy", "calibration")
_MEANINGS: Final = {
    "log_loss": "lower is better",
    "normalised_entropy": "log loss / log loss of the prior; below 1 the model knows more than the click rate",
    "auc": "the chance that a positive is ranked above a negative",
    "auc_unshown": "the chance that a positive is ranked above an item that was not shown",
    "calibration": "sum of predictions / sum of labels; 1 is right",
    "mae": "mean absolute error, lower is better",
    "rmse": "root mean squared error, lower is better",
}


def model_section(name: str, model: Mapping[str, Any]) -> str:
    """Return a model's section."""
    clocks = {clock: model["progressive"][clock] for clock in _CLOCKS if clock in model["progressive"]}
    fresh = clocks.get("fresh", {})
    stable = f'<span class="badge good">stable {escape(model["stable"])}</span>' if model["stable"] else ""
    none = "" if model["versions"] else '<span class="badge">no version yet</span>'
    heading = f"<h2>Model <em>{escape(name)}</em> {stable}{none}</h2>"
    charts = "".join(_curve(metric, model, clocks) for metric in _CURVES)
    missing = '<p class="note">No window of examples is complete yet, so there are no curves.</p>'
    return "".join(
        [
            "<section>",
            heading,
            tiles(_headlines(model, fresh)),
            _wasted(model),
            guards(model),
            _items(model),
            "<h3>Progressive validation, all examples</h3>",
            _figures(clocks),
            "<h3>Learning curves, window by window; in bold the last window</h3>",
            f'<div class="charts">{charts}</div>' if charts else missing,
            drift_part(model),
            "<h3>Releases</h3>",
            _releases(model),
            "</section>",
        ]
    )


def _items(model: Mapping[str, Any]) -> str:
    items = model.get("items", {})
    rows = [
        (what, rule, count(n))
        for what in ("anomalous", "quarantined", "suspected")
        for rule, n in items.get(what, {}).items()
    ]
    heading = "<h3>Positive examples that rules about items found</h3>"
    return heading + table(("what became of them", "rule", "examples"), rows) if rows else ""


def _headlines(model: Mapping[str, Any], fresh: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    shown = [("examples", count(model["examples"]), "predicted first, then learned")]
    if model.get("not_learned") is not None:
        shown.append(("not learned", count(model["not_learned"]), "outside of the window in which it learns"))
    for metric in ("log_loss", "mae", "rmse"):
        if metric in fresh:
            shown.append((LABELS[metric], figure(fresh[metric]), _beside(fresh, metric)))
    for metric in ("normalised_entropy", "auc", "auc_unshown", "calibration"):
        if fresh.get(metric) is not None or (metric in fresh and metric != "auc_unshown"):
            shown.append((LABELS[metric], figure(fresh[metric]), _MEANINGS[metric].split(";")[0]))
    return shown


def _beside(fresh: Mapping[str, Any], metric: str) -> str:
    known = [name for name in BASELINES if fresh.get(f"{name}.{metric}") is not None]
    return ", ".join(f"{LABELS[name]} {figure(fresh[f'{name}.{metric}'])}" for name in known)


def _wasted(model: Mapping[str, Any]) -> str:
    notes = []
    if model.get("failed"):
        notes.append(f"{count(model['failed'])} examples raised and went to the dead letters.")
    if model.get("refused_keys"):
        notes.append(f"{count(model['refused_keys'])} examples had a key value beyond the configured most.")
    return f'<p class="note warn">{escape(" ".join(notes))}</p>' if notes else ""


def _figures(clocks: Mapping[str, Mapping[str, Any]]) -> str:
    fresh = clocks.get("fresh", {})
    names = [name for name in LABELS if name in fresh]
    baselines = [name for name in BASELINES if any(f"{name}.{metric}" in fresh for metric in names)]
    if not names:
        return '<p class="note">No example has been learned yet.</p>'
    head = ["metric", *(LABELS[clock] for clock in clocks), *(_named(name) for name in baselines)]
    rows: list[Sequence[str]] = [
        ["examples", *(count(int(figures.get("examples") or 0)) for figures in clocks.values())]
    ]
    rows[0] = [*rows[0], *([""] * len(baselines))]
    for name in names:
        mine = [figure(figures.get(name)) for figures in clocks.values()]
        rows.append([LABELS.get(name, name), *mine, *(figure(fresh.get(f"{b}.{name}")) for b in baselines)])
    note = (
        '<p class="note"><b>fresh</b>: scored just before learning. <b>As served</b>: scored by the newest release '
        "made before the event. Trivial predictors see the same examples as fresh.</p>"
    )
    return table(head, rows) + note


def _named(baseline: str) -> str:
    return LABELS[baseline] if baseline == "best" else f"{LABELS[baseline]} (trivial)"


def _curve(metric: str, model: Mapping[str, Any], clocks: Mapping[str, Any]) -> str:
    curves: Mapping[str, Sequence[Mapping[str, Any]]] = model.get("curve", {})
    windows = curves.get("fresh", [])
    if not any(metric in window for window in windows):
        return ""
    lines = [Line("fresh", "fresh", _points(windows, metric))]
    if curves.get("as_served"):
        later = (clocks["fresh"].get("examples") or 0) - (clocks["as_served"].get("examples") or 0)
        lines.append(Line("as served", "as_served", _points(curves["as_served"], metric, later)))
    if metric not in _WITHOUT_BASELINES:
        for name in BASELINES:
            if any(f"{name}.{metric}" in window for window in windows) and (metric, name) != ("auc", "prior"):
                trivial = name != "best"
                lines.append(Line(LABELS[name], name, _points(windows, f"{name}.{metric}"), trivial=trivial))
    title = f"{LABELS[metric][0].upper()}{LABELS[metric][1:]}"
    drawn = chart(title, lines, x_label="examples", level=_LEVELS.get(metric), show=figure, marks=marks_of(model))
    return drawn.replace("</figcaption>", f" <small>{escape(_MEANINGS[metric])}</small></figcaption>", 1)


def _points(windows: Sequence[Mapping[str, Any]], name: str, later: float = 0.0) -> list[Point]:
    return [((window.get("examples") or 0) + later, window.get(name)) for window in windows]


def _releases(model: Mapping[str, Any]) -> str:
    releases = model.get("releases", [])
    if not releases:
        return '<p class="note">None. A release becomes visible when the checkpoint that contains it completes.</p>'
    names = [name for name in _CURVES if any(name in release["metrics"] for release in releases)]
    head = ["version", "verdict", "examples", *(LABELS[name] for name in names), "size", "event time", "SHA-256"]
    rows = []
    for release in reversed(releases):
        stable = release["version"] == model["stable"]
        good = release["verdict"] == "passed"
        verdict = "stable" if stable else "expired" if release["version"] in model.get("expired", []) else "passed"
        badge = f'<span class="badge {"good" if good else "bad"}">{verdict if good else "refused"}</span>'
        reason = f"<br/><small>{escape(release['reason'])}</small>" if release["reason"] else ""
        figures = [figure(release["metrics"].get(name)) for name in names]
        when, size = escape(moment(release["event_time"])), f"{release['size'] / 1e6:,.2f} MB"
        sha = f'<code title="{escape(release["sha256"])}">{escape(release["sha256"][:12])}</code>'
        rows.append([escape(release["version"]), badge + reason, count(release["examples"]), *figures, size, when, sha])
    older = rows[_NEWEST:]
    more = (
        f"<details><summary>{len(older)} older</summary>{table(head, older, trusted=True)}</details>" if older else ""
    )
    return table(head, rows[:_NEWEST], trusted=True) + more
