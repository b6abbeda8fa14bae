"""Cells of bets: what they gain is a likelihood ratio, and learning makes it more careful only."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.quality.anomaly import bets

EVERY = range(len(bets.PEOPLE))


@pytest.mark.parametrize("bet", EVERY)
def test_under_people_a_bet_is_fair(bet: int) -> None:
    assert bets.PEOPLE[bet].sum() == pytest.approx(1.0)
    assert (bets.PEOPLE[bet] * np.exp(bets.gains()[bet])).sum() == pytest.approx(bets.BOTS[bet].sum())
    assert bets.BOTS[bet].sum() == pytest.approx(1.0)


def test_a_near_interval_is_as_likely_as_the_normal_density_at_its_mode_allows() -> None:
    rng = np.random.default_rng(1)
    usual, interval = np.exp(0.5 * rng.normal(size=(2, 100_000)))
    near = np.abs(interval / usual - 1.0) <= bets.DEVIATIONS[1]
    assert near.mean() < bets.PEOPLE[bets.REGULARITY, :2].sum()


@pytest.mark.parametrize("bet", EVERY)
def test_what_is_seen_often_gains_less(bet: int) -> None:
    counts, gained = bets.assumed(), bets.gains()
    suspicious = int(np.argmax(gained[bet]))
    for _ in range(5000):
        bets.observe(counts, gained, bet, suspicious)
    assert gained[bet, suspicious] < 0.35 * bets.gains()[bet, suspicious]
    others = [i for i in EVERY if i != bet]
    np.testing.assert_array_equal(gained[others], bets.gains()[others])


@pytest.mark.parametrize("bet", EVERY)
def test_what_is_seen_seldom_gains_no_more(bet: int) -> None:
    counts, gained = bets.assumed(), bets.gains()
    innocent = int(np.argmin(gained[bet]))
    for _ in range(5000):
        bets.observe(counts, gained, bet, innocent)
    np.testing.assert_array_equal(gained, bets.gains())


def test_older_observations_fade() -> None:
    counts, gained = bets.assumed(), bets.gains()
    counts[bets.FLOW, -1] = 2**20 - 1
    before = counts[bets.FLOW, :2].copy()
    bets.observe(counts, gained, bets.FLOW, 0)
    np.testing.assert_allclose(counts[bets.FLOW, :2], [(before[0] + 1.0) / 2, before[1] / 2])
    assert counts[bets.FLOW, -1] == 2**19
