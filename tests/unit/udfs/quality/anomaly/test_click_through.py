"""Click-through against the Beta-binomial likelihoods in closed form, and what is learned about people."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.unit.udfs.quality.anomaly.streams import clicks, first, in_order, judged, pages, thinking
from udfs.quality.anomaly import click_through, keyed_table
from udfs.quality.anomaly.user_options import UserOptions, UserReason
from udfs.quality.anomaly.user_record import RECORD
from udfs.quality.anomaly.user_rules import UserRules


def log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def likelihood(a: float, b: float, n: int, k: int) -> float:
    return log_beta(a + k, b + n - k) - log_beta(a, b)


def test_impression_by_impression_it_is_the_ratio_of_two_beta_binomials() -> None:
    table, people = keyed_table.new(4, RECORD), click_through.assumed(0.04)
    record = table[0]
    answers = np.random.default_rng(1).random(click_through.SAMPLE - 1) < 0.2
    for answer in answers:
        click_through.shown(record, people, 1e6)
        if answer:
            click_through.clicked(record, people, 1e6)
    n, k = len(answers), int(answers.sum())
    assert (record["shown"], record["clicked"]) == (n, k)
    alpha, beta, rare, wide_alpha, wide_beta = people[click_through.ALPHA :]
    much = likelihood(1.0, 1.0, n, k) - likelihood(wide_alpha, wide_beta, n, k)
    little = likelihood(0.1, rare, n, k) - likelihood(alpha, beta, n, k)
    assert record["clicker"] == pytest.approx(much, rel=1e-4)
    assert record["clickless"] == pytest.approx(little, rel=1e-4)


@pytest.mark.parametrize(("rate", "size"), [(0.04, 50.0), (0.1, 20.0), (0.02, 150.0)])
def test_the_click_rates_of_people_are_learned(rate: float, size: float) -> None:
    rng = np.random.default_rng(1)
    table, people = keyed_table.new(4096, RECORD), click_through.assumed(0.04)
    for user in range(4000):
        answers = rng.random(click_through.SAMPLE) < rng.beta(size * rate, size * (1.0 - rate))
        for answer in answers:
            click_through.shown(table[user], people, 20.0)
            if answer:
                click_through.clicked(table[user], people, 20.0)
    alpha, beta = people[click_through.ALPHA], people[click_through.BETA]
    assert alpha / (alpha + beta) == pytest.approx(rate, rel=0.08)
    assert alpha + beta == pytest.approx(size, rel=0.35)


def test_a_feed_without_clicks_leaves_everything_finite() -> None:
    rules = UserRules(UserOptions(max_users=1000))
    for user in range(400):
        judged(rules, pages(thinking(user, 15)), user=user)
    assert np.isfinite(np.frombuffer(list(rules.dump())[1])).all()


def test_who_clicks_nearly_everything() -> None:
    times = thinking(5, 40, median=60.0)
    every = clicks(time + 10.0 + 4.0 * i for time in times for i in range(7))
    reasons = judged(UserRules(UserOptions()), in_order(pages(times), every))
    assert first(reasons, UserReason.CLICKER) <= 30


def test_who_looks_at_thousands_and_clicks_none_where_people_are_alike() -> None:
    rules = UserRules(UserOptions())
    rng = np.random.default_rng(1)
    for user in range(400):
        times = np.array(thinking(user, 15))
        answered = times[rng.random(15) < 8 * 0.04]
        judged(rules, in_order(pages(times), clicks(answered + 5.0)), user=user)
    reasons = judged(rules, pages(thinking(1000, 400)), user=1000)
    assert 300 < first(reasons, UserReason.CLICKLESS) < 1500


def test_clicks_alone_prove_nothing() -> None:
    assert set(judged(UserRules(UserOptions()), clicks(thinking(3, 500)))) == {UserReason.FINE}


def test_what_was_long_ago_counts_half() -> None:
    table, people = keyed_table.new(4, RECORD), click_through.assumed(0.04)
    for i in range(4096):
        click_through.shown(table[0], people, 20.0)
        if i % 16 == 0:
            click_through.clicked(table[0], people, 20.0)
    assert (table[0]["shown"], table[0]["clicked"]) == (2048, 128)
