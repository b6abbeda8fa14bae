"""Partitions that fall silent."""

from __future__ import annotations

import numpy as np

from udfs.quality.breaker import vanishing, volume
from udfs.quality.breaker.vanishing import TRIPPED
from udfs.types import F64, Bool

RULES = volume.rules(1e9, 30.0)


def run(volumes: F64, of_topic: Bool | None = None) -> F64:
    """Feed minutes (n, p) of mean volumes; return which tests are tripped after each (n, p)."""
    parts = volumes.shape[1]
    tests, rng, tripped = vanishing.new(parts), np.random.default_rng(1), []
    topics = np.ones(parts, np.bool_) if of_topic is None else of_topic
    for mean in volumes:
        before = tests[:, TRIPPED].copy()
        volume.minute(tests, rng.poisson(mean).astype(np.float64), topics, parts, RULES, 1.0)
        tripped.append(tests[:, TRIPPED].copy())
        for recovered in np.flatnonzero(before > tests[:, TRIPPED]):
            vanishing.forget(tests, recovered)
    return np.array(tripped)


def test_a_silent_partition_trips_after_half_an_hour_and_recovers_at_once() -> None:
    volumes = np.full((600, 4), 200.0)
    volumes[300:400, 2] = 0.0
    tripped = run(volumes)
    assert np.flatnonzero(tripped.any(axis=1)).tolist() == list(range(329, 400))
    assert np.flatnonzero(tripped.any(axis=0)).tolist() == [2]


def test_waves_and_sales_do_not_trip() -> None:
    minutes = np.arange(10 * 1440)
    wave = 200 * (1 + 0.5 * np.sin(2 * np.pi * minutes / 1440))
    wave[5_000:5_060] *= 3.0
    assert not run(np.stack((wave, wave / 20), axis=1)).any()


def test_files_end() -> None:
    volumes = np.full((600, 2), 200.0)
    volumes[300:] = 0.0
    assert run(volumes, np.array([True, False]))[-1].tolist() == [1.0, 0.0]
