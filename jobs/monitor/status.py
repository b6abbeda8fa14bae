"""What a display shows: one look at a running job, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from jobs.monitor.progress import Progress
from udfs.evaluation.merge import Figures
from udfs.releases.history import History

BINARY: Final = ("log_loss", "normalised_entropy", "auc", "calibration")
REGRESSION: Final = ("mae", "rmse")
RANKING: Final = ("auc", "auc_unshown")
BASELINES: Final = ("best", "prior", "mean", "last_label", "popularity")


class ModelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One model.

    Attributes:
        examples: how many it has learned.
        progressive: by clock, its main figures since the beginning and those of the trivial baselines.
        versions: how many versions that passed are in the log.
        refused: how many versions were refused.
        newest: the newest version that passed.
        stable: the version to serve.
        breaker_open: whether its circuit breaker keeps it from learning.
        items: what the rules about its items found; empty where it has none.
    """

    examples: int
    progressive: dict[str, Figures]
    versions: int
    refused: int
    newest: str | None
    stable: str | None
    breaker_open: bool = False
    items: dict[str, Any] = {}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A job.

    Attributes:
        events: read, accepted, duplicates; rejected by reason; anomalous and suspected by rule, and skipped, which were
            not read, by reason, if any.
        events_per_s: the mean over the last ten committed seconds.
        forgotten: ids that left a full dedup window early.
        joined: what became of impressions and feedback; empty where nothing is joined.
        models: by name; those that learn, or until one has told of it, those in the release log.
        checkpoint_age_s: seconds since what is shown was committed; None before the first checkpoint.
    """

    events: dict[str, Any]
    events_per_s: float | None
    forgotten: int
    models: dict[str, ModelStatus]
    checkpoint_age_s: float | None
    joined: dict[str, int] = {}

    @classmethod
    def of(cls, progress: Progress, releases: Mapping[str, History], now: float) -> Status:
        """Look at a job at this time, seconds since 1970."""
        rate, committed = progress.recent_events_per_s, progress.committed_at
        learned = progress.models
        models = {}
        for name in sorted(learned or releases):
            model, history = learned.get(name), releases.get(name)
            passed = history.passed if history else []
            models[name] = ModelStatus(
                examples=model.examples if model else 0,
                progressive={clock: _main(figures) for clock, figures in model.progressive.items()} if model else {},
                versions=len(passed),
                refused=len(history.manifests) - len(passed) if history else 0,
                newest=passed[-1].version if passed else None,
                stable=history.stable.version if history and history.stable else None,
                breaker_open=bool(model and model.breaker and model.breaker["open"]),
                items=dict(model.items) if model else {},
            )
        return cls(
            events=progress.events,
            events_per_s=None if rate is None else round(rate, 1),
            forgotten=progress.forgotten,
            models=models,
            joined=progress.joined,
            checkpoint_age_s=None if committed is None else round(max(now - committed, 0.0), 1),
        )

    @property
    def unaged(self) -> Status:
        """Return it without what changes by itself."""
        return msgspec.structs.replace(self, checkpoint_age_s=None)


def main_metrics(figures: Figures) -> tuple[str, ...]:
    """Return the metrics to show beside each other."""
    if "log_loss" in figures:
        return BINARY
    return RANKING if "auc_unshown" in figures else REGRESSION if "mae" in figures else ()


def _main(figures: Figures) -> Figures:
    columns = ["", *(f"{baseline}." for baseline in BASELINES)]
    names = [column + name for column in columns for name in main_metrics(figures)]
    return {name: figures[name] for name in names if name in figures}
