"""Positives of all examples and of partitions, where partitions differ and are read unevenly."""

from __future__ import annotations

import numpy as np

from udfs.quality.breaker import positive_rate, vanishing
from udfs.quality.breaker.vanishing import TRIPPED
from udfs.types import F64

RULES = positive_rate.rules(1e9)
STEP = 64


class Fed:
    """Tests of two partitions and of all, and steps that are drawn for them."""

    def __init__(self) -> None:
        self.tests = vanishing.new(3)
        self._rng = np.random.default_rng(1)

    def feed(self, part: int, rate: float, steps: int) -> None:
        """Feed steps that all come from one partition; 2 is none that is followed."""
        for _ in range(steps):
            examples, positives = np.zeros(3), np.zeros(3)
            examples[part], positives[part] = STEP, self._rng.binomial(STEP, rate)
            positive_rate.step(self.tests, examples, positives, 2, RULES, 1.0)
            assert examples.tolist() == positives.tolist() == [0.0, 0.0, 0.0]

    @property
    def tripped(self) -> list[bool]:
        flags: F64 = self.tests[:, TRIPPED]
        return [bool(flag) for flag in flags]


def test_partitions_of_unlike_rates_may_be_read_in_turns() -> None:
    fed = Fed()
    for _ in range(20):
        fed.feed(0, 0.1, 500)
        fed.feed(1, 0.003, 2_000)
    assert fed.tripped == [False, False, False]


def test_a_dead_partition_is_named_and_all_go_on() -> None:
    fed = Fed()
    for dead in (False, True):
        for _ in range(300):
            fed.feed(0, 0.04, 1)
            fed.feed(1, 0.0 if dead else 0.04, 1)
    assert fed.tripped == [False, True, False]


def test_all_are_noticed_before_any_partition_is() -> None:
    fed = Fed()
    for _ in range(300):
        fed.feed(0, 0.04, 1)
        fed.feed(1, 0.04, 1)
    for _ in range(8):
        fed.feed(0, 0.0, 1)
        fed.feed(1, 0.0, 1)
    assert fed.tripped == [False, False, True]


def test_a_new_partition_is_expected_to_be_like_all() -> None:
    fed = Fed()
    fed.feed(0, 0.04, 1_000)
    fed.feed(1, 0.0, 20)
    assert fed.tripped == [False, False, True]


def test_partitions_that_are_not_followed_count_among_all() -> None:
    fed = Fed()
    fed.feed(2, 0.04, 1_000)
    fed.feed(2, 0.0, 20)
    assert fed.tripped == [False, False, True]


def test_a_partition_that_was_accepted_without_positives_is_expected_to_have_none() -> None:
    fed = Fed()
    for _ in range(1_000):
        fed.feed(0, 0.04, 1)
        fed.feed(1, 0.04, 9)
    fed.feed(1, 0.0, 200)
    for row in range(3):
        if fed.tripped[row]:
            vanishing.accept(fed.tests, row, RULES, 1.0)
    for _ in range(3_000):
        fed.feed(0, 0.04, 1)
        fed.feed(1, 0.0, 9)
    assert fed.tripped == [False, False, False]
