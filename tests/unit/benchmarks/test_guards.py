"""The benchmarks of the guards before learning run, and find what they are meant to find."""

from __future__ import annotations

import numpy as np

from benchmarks.quality import anomaly_speed, guards


def test_outliers_of_every_field_are_found() -> None:
    for ratios, draw in guards.FIELDS.values():
        rng = np.random.default_rng(2)
        single, unit, good = guards.outliers(ratios, draw(rng), rng)
        assert min(single, unit) > 0.85
        assert good < 1e-3


def test_strange_examples_score_higher() -> None:
    assert {kind: guards.strange_examples(kind, 2)[0] > 0.7 for kind in guards.KINDS} == dict.fromkeys(
        guards.KINDS, True
    )


def test_every_rule_has_its_cost() -> None:
    costs = anomaly_speed.figures(events=2000)
    assert len(costs) == 4
    assert all(cost > 0.0 for cost in costs.values())
