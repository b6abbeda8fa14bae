from __future__ import annotations

import math

import numpy as np
import pytest

from udfs.evaluation import Progressive
from udfs.evaluation.merge import merged
from udfs.types import F64

NOT_DRAWN = [math.nan] * 3


def report(scores: list[float], labels: list[float], ranks: list[list[float]] | None = None) -> dict[str, float | None]:
    metrics = Progressive("ranking", 100)
    told: F64 | None = None if ranks is None else np.array(ranks)
    metrics.update(np.array(scores), np.array(labels), np.ones(len(scores)), told)
    return metrics.report()


@pytest.mark.parametrize("scale", [0.01, 1.0, 10.0])
def test_auc_over_what_was_shown_asks_for_the_order_alone(scale: float) -> None:
    scores = [scale * score for score in (-3.0, -2.0, 0.0, 1.0, 4.0)]
    assert report(scores, [0.0, 1.0, 0.0, 1.0, 1.0])["auc"] == pytest.approx(5 / 6)


def test_hostile_scores_fall_into_some_bin() -> None:
    assert report([1e300, math.nan, -math.inf, 0.0], [1.0, 1.0, 0.0, 0.0])["auc"] == pytest.approx(3.5 / 4)


def test_against_unshown_items_examples_that_have_some_count() -> None:
    ranks = [[-3.0, 0.25, 1.0], [-2.0, 0.5, 0.5], NOT_DRAWN]
    found = report([1.0, 1.0, 1.0], [1.0, 1.0, 0.0], ranks)
    assert found["auc_unshown"] == pytest.approx(0.75)
    assert found["popularity.auc_unshown"] == pytest.approx(0.375)


def test_popularity_is_a_trivial_predictor() -> None:
    ranks = [[-1.0, 0.0, 0.0], [-5.0, math.nan, math.nan], [-2.0, math.nan, math.nan]]
    assert report([0.0] * 3, [1.0, 0.0, 0.0], ranks)["popularity.auc"] == 1.0
    assert report([0.0] * 3, [1.0, 0.0, 0.0])["popularity.auc"] is None


def test_no_figure_of_probabilities_is_told() -> None:
    told = {name.rpartition(".")[2] for name in report([0.5], [1.0])}
    assert told == {"examples", "auc", "auc_unshown", "index"}


def test_partitions_are_merged_by_their_examples() -> None:
    parts: list[dict[str, float | None]] = [
        {"examples": 1, "auc": 0.5, "auc_unshown": 0.6},
        {"examples": 3, "auc": 0.5, "auc_unshown": 0.8},
    ]
    assert merged(parts) == {"examples": 4, "auc": None, "auc_unshown": pytest.approx(0.75)}
