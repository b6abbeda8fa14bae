"""The figures of partitions together are those of all examples, or not told."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.evaluation import Progressive
from udfs.evaluation.merge import merged
from udfs.learners.learner import Task


def figures(task: Task, seed: int, n: int) -> tuple[list[dict[str, float | None]], dict[str, float | None]]:
    """Return the figures of two partitions, and of all their examples in one."""
    draw = np.random.default_rng(seed)
    scores, parts = draw.random(n), [Progressive(task, window=5), Progressive(task, window=5)]
    labels = (draw.random(n) < scores).astype(float) if task == "binary" else draw.normal(size=n)
    whole = Progressive(task, window=5)
    for part, some in zip(parts, (slice(0, n // 3), slice(n // 3, n)), strict=True):
        for progressive in (part, whole):
            progressive.update(scores[some], labels[some], np.ones(n)[some])
    return [part.report() for part in parts], whole.report()


@pytest.mark.parametrize("seed", range(3))
def test_means_over_examples_are_exact(seed: int) -> None:
    exactly: dict[Task, tuple[str, ...]] = {"binary": ("log_loss", "accuracy"), "regression": ("mae", "rmse")}
    for task, exact in exactly.items():
        parts, whole = figures(task, seed, 90)
        together = merged(parts)
        assert together["examples"] == whole["examples"] == 90
        for name in exact:
            assert together[name] == pytest.approx(whole[name])


def test_no_ranking_is_told_of_examples_that_were_never_compared() -> None:
    parts, whole = figures("binary", 1, 90)
    assert None not in (whole["auc"], parts[0]["auc"], parts[1]["auc"])
    together = merged(parts)
    assert [together[name] for name in ("auc", "window.auc", "prior.auc")] == [None, None, None]
    assert merged(parts[:1]) == parts[0]
    unknown: dict[str, float | None] = {**parts[1], "auc": None}
    assert merged([parts[0], unknown])["auc"] == pytest.approx(parts[0]["auc"])
