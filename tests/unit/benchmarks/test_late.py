"""The benchmark of late feedback scores each impression once, by the model of the time when it was shown."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from simulator.files import to_files
from simulator.population import Population
from simulator.simulation import Simulation


def test_each_impression_is_scored_once_and_comes_again_where_its_click_is_late(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from benchmarks.quality.late import POLICIES, Truth, learn
    policy = next(policy for policy in POLICIES if policy.name == "reverse")
    shop = Simulation(
        impressions=4_000,
        days=4,
        partitions=1,
        population=Population(users=500, items=100),
        delays=policy.delays,
    )
    to_files(shop, tmp_path / "shop", tmp_path / "truth")
    truth = Truth.read(tmp_path / "truth")
    found = learn(policy, tmp_path / "shop", truth)
    assert sorted(found.shown.tolist()) == list(range(len(truth.time)))
    assert (np.diff(truth.time[found.shown]) >= 0).all()
    assert np.isfinite(found.score).all()
    delay = (truth.click - truth.time)[found.impression[~found.counted]]
    assert ((delay > 1_800_000) & (delay <= 86_400_000)).all()
    assert len(delay) > 10
