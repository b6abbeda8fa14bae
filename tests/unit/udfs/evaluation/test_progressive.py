from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.errors import StateError
from udfs.evaluation import Progressive
from udfs.evaluation.progressive import POINTS
from udfs.learners.learner import Task
from udfs.types import F64

N = 1000


def stream(task: Task, n: int = N) -> tuple[F64, F64, F64]:
    draw = np.random.default_rng(2)
    weights = draw.choice([0.0, 1.0, 2.5], n)
    if task == "binary":
        scores = draw.beta(1.0, 3.0, n)
        return scores, (draw.random(n) < scores).astype(np.float64), weights
    labels = draw.normal(50.0, 3.0, n)
    return labels + draw.normal(0.0, 1.0, n), labels, weights


def auc(scores: F64, labels: F64, weights: F64) -> float:
    won = (scores[:, None] > scores[None, :]) + 0.5 * (scores[:, None] == scores[None, :])
    pairs = (weights * labels)[:, None] * (weights * (1.0 - labels))[None, :]
    return float((won * pairs).sum() / pairs.sum())


def test_binary_equals_the_definitions() -> None:
    p, y, w = stream("binary")
    progressive = Progressive("binary", window=300, threshold=0.3)
    progressive.update(p, y, w)
    report = progressive.report()
    loss = -np.average(np.where(y == 1.0, np.log(p), np.log(1.0 - p)), weights=w)
    before, positive = np.cumsum(w) - w, np.cumsum(w * y) - w * y
    prior = (positive + 1.0) / (before + 2.0)
    prior_loss = -np.average(np.where(y == 1.0, np.log(prior), np.log(1.0 - prior)), weights=w)
    said = p >= 0.3
    precision, recall = np.average(y[said], weights=w[said]), np.average(said[y == 1.0], weights=w[y == 1.0])
    expected = {
        "examples": N,
        "log_loss": loss,
        "normalised_entropy": loss / prior_loss,
        "calibration": (w * p).sum() / (w * y).sum(),
        "accuracy": np.average(said == (y == 1.0), weights=w),
        "precision": precision,
        "recall": recall,
        "f1": 2.0 * precision * recall / (precision + recall),
        "prior.log_loss": prior_loss,
        "prior.normalised_entropy": 1.0,
        "window.index": 2.0,
    }
    assert {name: report[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert report["auc"] == pytest.approx(auc(p, y, w), abs=1e-3)
    counted = w > 0.0
    last = np.concatenate([[0.0], y[counted][:-1]])
    assert report["last_label.accuracy"] == pytest.approx(np.average(last == y[counted], weights=w[counted]))


def test_regression_equals_the_definitions() -> None:
    p, y, w = stream("regression")
    progressive = Progressive("regression", window=300)
    progressive.update(p, y, w)
    report = progressive.report()
    spread = np.average(np.square(y - np.average(y, weights=w)), weights=w)
    squared = np.average(np.square(p - y), weights=w)
    assert report["mae"] == pytest.approx(np.average(np.abs(p - y), weights=w))
    assert report["rmse"] == pytest.approx(np.sqrt(squared))
    assert report["r2"] == pytest.approx(1.0 - squared / spread, abs=1e-9)
    before = np.cumsum(w) - w
    mean = np.divide(np.cumsum(w * y) - w * y, before, out=np.zeros(N), where=before > 0.0)
    assert report["mean.mae"] == pytest.approx(np.average(np.abs(mean - y), weights=w))


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_the_window_holds_just_the_last_complete_window(task: Task) -> None:
    p, y, w = stream(task)
    whole, last = Progressive(task, window=300), Progressive(task, window=N)
    whole.update(p, y, w)
    last.update(p[600:900], y[600:900], w[600:900])
    name = "log_loss" if task == "binary" else "mae"
    assert whole.report()[f"window.{name}"] == pytest.approx(last.report()[name], rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(task=st.sampled_from(["binary", "regression"]), cut=st.lists(st.integers(0, N), max_size=8))
def test_any_cutting_gives_the_same_bytes(task: Task, cut: list[int]) -> None:
    columns = stream(task)
    at_once, in_parts = Progressive(task, window=70), Progressive(task, window=70)
    at_once.update(*columns)
    edges = [0, *sorted(cut), N]
    for a, b in itertools.pairwise(edges):
        stored = {name: array.copy() for name, array in in_parts.state().items()}
        in_parts = Progressive(task, window=70)
        in_parts.load(stored)
        in_parts.update(*(column[a:b] for column in columns))
    assert {k: v.tobytes() for k, v in in_parts.state().items()} == {k: v.tobytes() for k, v in at_once.state().items()}
    assert in_parts.report() == at_once.report()
    assert in_parts.curve() == at_once.curve()


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_reports_are_plain_json_without_nan(task: Task) -> None:
    progressive = Progressive(task, window=2)
    json.dumps(progressive.report(), allow_nan=False)
    assert progressive.report()["calibration" if task == "binary" else "rmse"] is None
    hostile = np.array([np.nan, np.inf, -np.inf, 1e308, 0.0])
    progressive.update(hostile, np.zeros(5), np.ones(5))
    progressive.update(np.zeros(2), np.array([np.nan, 1e308]), np.array([1.0, np.inf]))
    json.dumps([progressive.report(), progressive.curve()], allow_nan=False)


def test_the_curve_is_bounded_and_evenly_thinned() -> None:
    progressive = Progressive("regression", window=1)
    n = 5 * POINTS
    progressive.update(np.zeros(n), np.ones(n), np.ones(n))
    ends = [point["examples"] for point in progressive.curve()]
    assert POINTS // 2 <= len(ends) <= POINTS
    assert ends == [float(x) for x in range(1, n + 1, 8)]


def test_state_of_another_task_is_refused() -> None:
    with pytest.raises(StateError):
        Progressive("binary").load(Progressive("regression").state())
