"""A number's scale: units that change are noticed, prices, hot items and two modes are not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from udfs.quality.breaker import distribution
from udfs.quality.breaker.distribution import BINS, BLOCK, LOWEST
from udfs.types import F64

BOUND = math.log(1e9 / BLOCK)


def octaves(values: F64) -> list[int]:
    return [distribution.bin_of(bits) for bits in values.view(np.int64)]


def trips(*streams: F64) -> list[bool]:
    """Feed streams of values one after the other; tell after each whether the test is tripped."""
    tests, blocks, references = distribution.new(1)
    tripped = []
    for values in streams:
        for i, b in enumerate(octaves(values)):
            blocks[0, b] += 1.0
            tests[0, distribution.SIZE] += 1.0
            distribution.step(tests, blocks, references, BOUND, float(i))
        tripped.append(bool(tests[0, distribution.TRIPPED]))
    return tripped


def lognormal(sigma: float, n: int = 100 * BLOCK, seed: int = 1) -> F64:
    return np.random.default_rng(seed).lognormal(3.0, sigma, n)


def test_bins_are_octaves_of_the_magnitude() -> None:
    values = np.array([1.0, 1.99, 2.0, -2.0, 0.5, 1e-300, 1e300, math.inf])
    expected = [0, 0, 1, 1, -1, LOWEST, BINS - 1 + LOWEST, BINS - 1 + LOWEST]
    assert octaves(values) == [octave - LOWEST for octave in expected]


@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("by", [100.0, 0.01, 1000.0])
def test_another_unit_trips_within_two_blocks_and_its_end_is_seen(sigma: float, by: float) -> None:
    before, broken, after = (lognormal(sigma, n, n) for n in (100 * BLOCK, 2 * BLOCK, 3 * BLOCK))
    assert trips(before, broken * by, after) == [False, True, False]


@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("by", [0.3, 3.0, 7.9])
def test_other_prices_do_not_trip(sigma: float, by: float) -> None:
    assert trips(lognormal(sigma), by * lognormal(sigma, seed=2)) == [False, False]


def test_two_modes_and_a_dear_item_do_not_trip() -> None:
    rng = np.random.default_rng(1)
    modes = np.where(rng.random(1_000 * BLOCK) < 0.5, 1.0, 1_000.0)
    assert trips(modes) == [False]
    prices = lognormal(1.0)
    assert trips(prices, np.where(rng.random(len(prices)) < 0.6, 5_000.0, prices)) == [False, False]


def test_what_may_be_chance_does_not_trip() -> None:
    """Magnitudes over 50 octaves: blocks' quartiles move by four without meaning anything."""
    assert trips(2.0 ** np.random.default_rng(1).uniform(-20, 43, 1_000 * BLOCK)) == [False]


def test_nothing_is_judged_before_ten_blocks() -> None:
    assert trips(lognormal(1.0, 9 * BLOCK), 100 * lognormal(1.0, BLOCK)) == [False, False]


def test_figures_are_medians() -> None:
    tests, blocks, references = distribution.new(1)
    references[0, 4 - LOWEST], blocks[0, 11 - LOWEST] = 10_000.0, BLOCK
    tests[0, distribution.BLOCKS], tests[0, distribution.SIZE] = 100.0, BLOCK
    assert distribution.step(tests, blocks, references, BOUND, 1.0)
    figures = distribution.figures(tests[0])
    assert [figures["expected"], figures["seen"]] == pytest.approx([16 * 2**0.5, 2048 * 2**0.5])
    assert figures["z"] == pytest.approx(math.sqrt(2 * BLOCK * math.log(10_002)))
