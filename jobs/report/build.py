"""The report of a run, as ``udfs/releases/schemas/report.json`` describes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jobs.monitor.progress import ModelProgress, Progress
from jobs.report.compared import compared
from udfs.releases.history import History
from udfs.releases.manifest import Manifest


def build_report(
    progress: Progress,
    histories: Mapping[str, History],
    wall_s: float,
    models: Iterable[str] | None = None,
    labels: Mapping[str, str] | None = None,
    known: Mapping[str, Sequence[Mapping[str, int]]] | None = None,
) -> dict[str, Any]:
    """Return what a run read, learned and released.

    Args:
        progress: what its stages told.
        histories: its release log.
        wall_s: seconds from start to end.
        models: the models of its configuration, in order; by default all that told anything. Others in the log,
            of configurations before, stay out.
        labels: what each of them predicts, by name: those that predict the same are compared.
        known: by model, changes that the truth of a simulation knows (``jobs/monitor/redrawn.py``).
    """
    learned = progress.models
    names = list(learned) if models is None else list(models)
    steady = progress.steady_events_per_s
    told = {name: _model(learned.get(name, ModelProgress()), histories.get(name)) for name in names}
    beside = compared(told, labels or {}, known)
    return {
        "events": progress.events,
        "models": told,
        **({"compared": beside} if beside else {}),
        "wall_s": round(wall_s, 3),
        "steady_events_per_s": None if steady is None else round(steady, 1),
        "checksum": progress.checksum,
        "dedup": {"remembered": progress.remembered, "forgotten": progress.forgotten},
        **({"joined": progress.joined} if progress.joined else {}),
        "offsets": {partition: offset for partition, offset in progress.offsets.items() if offset >= 0},
        "throughput": [list(point) for point in progress.throughput],
    }


def _model(model: ModelProgress, history: History | None) -> dict[str, Any]:
    manifests = list(history.manifests.values()) if history else []
    stable = history.stable if history else None
    return {
        "examples": model.examples,
        "progressive": {**model.progressive.get("fresh", {}), **model.progressive},
        "versions": [manifest.version for manifest in manifests if manifest.passed],
        "stable": stable.version if stable else None,
        "refused": [manifest.version for manifest in manifests if not manifest.passed],
        "expired": [manifest.version for manifest in manifests if history and manifest.version in history.expired],
        "failed": model.failed,
        "refused_keys": model.refused_keys,
        **({"not_learned": model.not_learned} if model.not_learned is not None else {}),
        **({"breaker": dict(model.breaker)} if model.breaker is not None else {}),
        **({"anomalies": dict(model.anomalies)} if model.anomalies else {}),
        "releases": [_release(manifest) for manifest in manifests],
        "curve": dict(model.curve),
        **({"drift": dict(model.drift)} if model.drift else {}),
        **({"items": dict(model.items)} if model.items else {}),
    }


def _release(manifest: Manifest) -> dict[str, Any]:
    fresh = manifest.metrics.get("fresh")
    figures = fresh if isinstance(fresh, dict) else manifest.metrics
    return {
        "version": manifest.version,
        "examples": manifest.examples,
        "verdict": manifest.verdict.result,
        "reason": manifest.verdict.reason,
        "size": manifest.size,
        "sha256": manifest.sha256,
        "event_time": manifest.event_time,
        "metrics": {name: value for name, value in figures.items() if "." not in name and not isinstance(value, dict)},
    }
