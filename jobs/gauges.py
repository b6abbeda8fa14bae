"""What stages report, as Flink gauges: scaled integers, because PyFlink's gauges are integers.

Counts come from keyed state, so they go on after a restart; a subtask shows the sum over its keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from udfs.behaviour.items import COUNTS as ITEM_BEHAVIOUR
from udfs.decode.layout import Layout
from udfs.decode.reject import REASONS
from udfs.drift.monitor import watched
from udfs.quality.anomaly.reasons import ITEM_REASONS, USER_REASONS
from udfs.quality.switch import AFTER, BEFORE
from udfs.schema import Plan, item_features

SCALE = 1_000_000
"""Ratios and losses are shown in millionths."""
_MODEL_FIGURES = (
    *("log_loss", "normalised_entropy", "auc", "auc_unshown", "calibration", "accuracy", "f1", "mae", "rmse"),
)

_JOINED = (
    *("waiting", "remembered", "pending", "answered", "late", "unknown"),
    *("behind", "given_up", "forgotten", "feedback_given_up"),
)


class Gauges:
    """The newest report of every key, and gauges over them."""

    def __init__(self) -> None:
        self._reports: dict[tuple[str, int], dict[str, Any]] = {}
        self._released: dict[str, int] = {}

    def absorb(self, report: dict[str, Any]) -> None:
        """Take a stage's report."""
        if "examples" in report or "read" in report:
            self._reports[report.get("model", ""), report["key"]] = report

    def release(self, manifest: dict[str, Any]) -> None:
        """Take the manifest of a release."""
        self._released[manifest["model"]] = manifest["ingest_time"]

    def _age(self, model: str) -> int:
        released = self._released.get(model)
        return -1 if released is None else max(0, time.time_ns() // 1000 - released) // 1_000_000

    def _sum(self, model: str, *path: str) -> int:
        return sum(int(_at(report, path) or 0) for (name, _), report in self._reports.items() if name == model)

    def _figure(self, model: str, clock: str, name: str) -> int:
        found = [r for (m, _), r in self._reports.items() if m == model]
        weighed = [(_at(r, ("progressive", clock, name)), r.get("examples", 0)) for r in found]
        total = sum(weight for value, weight in weighed if value is not None)
        return int(SCALE * sum(v * w for v, w in weighed if v is not None) / total) if total else -1

    def register(self, group: Any, stage: str, plan: Plan) -> None:
        """Register the gauges of a stage with Flink."""
        group = group.add_group("headrace")
        if stage == "user":
            for name in ("read", "accepted", "duplicates", "forgotten", "remembered"):
                group.gauge(f"events_{name}", self._counter("", name))
            for reason in (AFTER, BEFORE):
                group.gauge(f"skipped_{reason}", self._counter("", reason))
            for reason in REASONS:
                group.gauge(f"rejected_{reason}", self._counter("", "rejected", str(reason)))
            for name in joined_names(plan):
                group.gauge(f"joined_{name}", self._counter("", "joined", name))
            for label in plan.join.labels if plan.join is not None else ():
                below = group.add_group("label", label.name)
                for name in ("examples", "positives", "corrected", "unmatched"):
                    below.gauge(name, self._counter("", "joined", f"{label.name}.{name}"))
            if plan.anomalies.users is not None:
                for name in ("anomalous", "suspected"):
                    for rule in USER_REASONS:
                        group.gauge(f"{name}_{rule}", self._counter("", name, rule))
        elif stage == "item":
            for model in plan.models:
                below = group.add_group("model", model.name).add_group("items")
                for name in ITEM_BEHAVIOUR if item_features(plan.features, model) else ():
                    below.gauge(f"behaviour_{name}", self._counter(model.name, "behaviour", name))
                if model.anomalies.items is None:
                    continue
                for name in ("remembered", "forgotten"):
                    below.gauge(name, self._counter(model.name, name))
                for name in ("anomalous", "quarantined", "suspected"):
                    for rule in ITEM_REASONS:
                        below.gauge(f"{name}_{rule}", self._counter(model.name, name, rule))
        elif stage == "train":
            for model in plan.models:
                below = group.add_group("model", model.name)
                for name in ("examples", "failed", "refused_keys"):
                    below.gauge(name, self._counter(model.name, name))
                if model.learns is not None:
                    below.gauge("not_learned", self._counter(model.name, "not_learned"))
                for name in ("open", "held", "pending", "discarded", "trips") if model.breaker else ():
                    below.gauge(f"breaker_{name}", self._counter(model.name, "breaker", name))
                for name in model.anomalies.names:
                    below.gauge(f"anomalies_{name.replace('.', '_')}", self._counter(model.name, "anomalies", name))
                for clock in ("fresh", "as_served"):
                    for name in _MODEL_FIGURES:
                        below.gauge(f"{clock}_{name}_ppm", self._figures(model.name, clock, name))
                for stream in watched(model.drift):
                    group_of = below.add_group("stream", stream)
                    for name in ("changes", "rises", "decays"):
                        group_of.gauge(f"drift_{name}", self._counter(model.name, "drift", stream, name))
        elif stage == "release":
            for model in plan.models:
                group.add_group("model", model.name).gauge("release_age_seconds", partial(self._age, model.name))

    def _counter(self, model: str, *path: str) -> Callable[[], int]:
        return lambda: self._sum(model, *path)

    def _figures(self, model: str, clock: str, name: str) -> Callable[[], int]:
        return lambda: self._figure(model, clock, name)


def joined_names(plan: Plan) -> tuple[str, ...]:
    """Return the names of what [user] reports under ``joined``, but for those of labels."""
    if plan.join is None:
        return ()
    layout = Layout.of(plan)
    searches = ("searches", "searches_forgotten", "searched", "search_unknown") if plan.join.search else ()
    followed = ("users", "users_forgotten", "behaviour_behind", "behaviour_given_up")
    return (*_JOINED, *searches, *(followed if layout.behaviour or layout.histories else ()))


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document
