from __future__ import annotations

import numpy as np
import pytest

from simulator.best import Best


def test_the_auc_is_that_of_all_pairs_by_day_and_in_all() -> None:
    rng = np.random.default_rng(1)
    probability = 1 / (1 + np.exp(-rng.normal(-2, 1, 4_000)))
    outcome = rng.random(4_000) < probability
    day = rng.integers(0, 3, 4_000)
    best = Best(2)
    for part in np.array_split(np.arange(4_000), 7):
        best.learn(day[part], probability[part], outcome[part])

    def by_pairs(chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
        p, y = probability[chosen], outcome[chosen]
        return float(np.mean(p[y][:, None] > p[~y][None, :]))

    assert best.of()["auc"] == pytest.approx(by_pairs(day >= 0), abs=1e-4)
    assert best.of(0)["auc"] == pytest.approx(by_pairs(day == 0), abs=2e-4)
    assert best.of(1)["auc"] == pytest.approx(by_pairs(day > 0), abs=2e-4)
    assert best.of()["positives"] == outcome.sum()
    assert best.of(1)["rate"] == outcome[day > 0].mean()


def test_certain_outcomes_are_counted_too() -> None:
    best = Best(1)
    best.learn(np.zeros(4, np.int64), np.array([0.0, 0.0, 1.0, 1.0]), np.array([False, False, True, True]))
    assert best.of() == {"shown": 4, "positives": 2, "rate": 0.5, "auc": 1.0}


def test_nothing_has_no_rate_and_no_auc() -> None:
    assert Best(1).of() == {"shown": 0, "positives": 0, "rate": None, "auc": None}
