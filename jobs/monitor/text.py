"""Figures as people read them, and a status in one line."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.monitor.status import BASELINES, ModelStatus, Status, main_metrics
from udfs.evaluation.merge import Figures

LABELS = {
    "log_loss": "log loss",
    "normalised_entropy": "normalised entropy",
    "auc": "AUC",
    "auc_unshown": "AUC unshown",
    "calibration": "calibration",
    "accuracy": "accuracy",
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R squared",
    "best": "best possible",
    "prior": "prior",
    "mean": "mean",
    "last_label": "last label",
    "popularity": "popularity",
    "fresh": "fresh",
    "as_served": "as served",
}
"""What the names in reports are called."""


_FOUND = ("anomalous", "quarantined", "suspected")
"""What becomes of examples that rules about items find."""


def count(n: int) -> str:
    """Return a count with its thousands apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{n:,}"


def rate(events_per_s: float | None) -> str:
    """Return a rate without its noise.

    >>> rate(12345.6), rate(12.34), rate(None)
    ('12,346', '12.3', '-')
    """
    if events_per_s is None:
        return "-"
    return f"{events_per_s:,.0f}" if abs(events_per_s) >= 100 else f"{events_per_s:.1f}"


def figure(value: float | None) -> str:
    """Return a metric with four decimals.

    >>> figure(0.123456), figure(12.3456789), figure(123456.7), figure(None)
    ('0.1235', '12.3457', '123,456.7000', '-')
    """
    return "-" if value is None else f"{value:,.4f}"


def against(figures: Figures, metric: str) -> str:
    """Return a metric with that of the first baseline that has it in brackets."""
    baseline = next((name for name in BASELINES if figures.get(f"{name}.{metric}") is not None), None)
    beside = f" ({LABELS[baseline]} {figure(figures[f'{baseline}.{metric}'])})" if baseline else ""
    return figure(figures.get(metric)) + beside


def rejects(status: Status) -> str:
    """Return the rejects, with their reasons."""
    return by_reason(status.events["rejected"])


def by_reason(counts: Mapping[str, int]) -> str:
    """Return a sum, with what it is made of."""
    reasons = ", ".join(f"{reason} {count(n)}" for reason, n in counts.items())
    return count(sum(counts.values())) + (f" ({reasons})" if reasons else "")


def anomalies(status: Status) -> list[tuple[str, str]]:
    """Return what rules about users found, where they found any: events dropped, and those accepted nevertheless."""
    names = ("anomalous", "suspected")
    return [(name, by_reason(status.events[name])) for name in names if name in status.events]


def skipped(status: Status) -> str:
    """Return what stood on the wrong side of the switch, with the reasons; empty where nothing did."""
    reasons: dict[str, int] = status.events.get("skipped", {})
    named = ", ".join(f"{reason} {count(n)}" for reason, n in reasons.items())
    return f"{count(sum(reasons.values()))} ({named})" if reasons else ""


def joined(status: Status) -> str:
    """Return what waits, and what became of feedback, as far as it is anything."""
    names = ("waiting", "answered", "late", "unknown", "behind", "given_up", "forgotten", "feedback_given_up")
    found = ((name.replace("_", " "), status.joined.get(name, 0)) for name in names)
    return "feedback: " + ", ".join(f"{name} {count(n)}" for name, n in found if n or name in ("waiting", "answered"))


def line(status: Status) -> str:
    """Return a status in one line."""
    events = status.events
    parts = [
        f"{rate(status.events_per_s)} events/s",
        f"read {count(events['read'])}",
        f"accepted {count(events['accepted'])}",
        f"duplicates {count(events['duplicates'])}",
        f"rejected {rejects(status)}",
        *(f"{name} {found}" for name, found in anomalies(status)),
    ]
    if left_out := skipped(status):
        parts.append(f"skipped {left_out}")
    if status.joined:
        parts.append(joined(status))
    return " | ".join([*parts, *(_model(name, model) for name, model in status.models.items())])


def _model(name: str, model: ModelStatus) -> str:
    figures = model.progressive.get("fresh", {})
    known = [metric for metric in main_metrics(figures) if figures.get(metric) is not None]
    metrics = [f"{LABELS[metric]} {_short(figures, metric)}" for metric in known]
    metrics += [f"{what} {by_reason(model.items[what])}" for what in _FOUND if model.items.get(what)]
    versions = f"{model.versions} versions" if model.versions != 1 else "1 version"
    stable = f", stable {model.stable}" if model.stable else ""
    broken = ["breaker open"] if model.breaker_open else []
    return f"{name}: " + ", ".join([f"{count(model.examples)} examples", *metrics, versions + stable, *broken])


def _short(figures: Figures, metric: str) -> str:
    beside = metric in ("log_loss", "mae", "rmse", "auc_unshown") or f"best.{metric}" in figures
    return against(figures, metric) if beside else figure(figures[metric])
