"""Strange examples are found, alarms are as rare as asked for; any cutting, any restore; the same bytes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.errors import ConfigurationError, StateError
from udfs.quality.anomaly.half_space_trees import Forest
from udfs.quality.anomaly.strange_examples import StrangeExamples, StrangeOptions
from udfs.types import F64, U32, Bool


def small() -> StrangeExamples:
    options = StrangeOptions(forest=Forest(trees=4, depth=4, window=30), learn=60, rate=0.05)
    return StrangeExamples(options, 3, 2)


def examples(seed: int, n: int) -> tuple[F64, U32]:
    """Two numbers of which the second follows the first, one that does not, some missing; two categories by Zipf."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=n)
    dense = np.stack([np.exp(3.0 + first), 10.0 * first + rng.normal(size=n), rng.uniform(size=n)], axis=1)
    dense[rng.random((n, 3)) < 0.01] = np.nan
    hashes = np.random.default_rng(0).integers(0, 2**32, 100).astype(np.uint32)
    return dense, hashes[np.minimum(rng.zipf(1.6, (n, 2)), 99)]


def dumped(rules: StrangeExamples) -> list[bytes]:
    return [bytes(part) for part in rules.dump()]


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 1000), cut=st.lists(st.integers(0, 300), max_size=5))
def test_any_cutting_and_any_restore_gives_the_same(seed: int, cut: list[int]) -> None:
    dense, slots = examples(seed, 300)
    whole, parts, again = small(), small(), small()
    scores, reasons = whole.score(dense, slots)
    pieces = []
    for start, stop in itertools.pairwise([0, *sorted(cut), 300]):
        pieces.append(parts.score(dense[start:stop], slots[start:stop]))
        stored = dumped(parts)
        parts = small()
        parts.load(stored)
        assert dumped(parts) == stored
    assert np.concatenate([piece[0] for piece in pieces]).tobytes() == scores.tobytes()
    assert np.concatenate([piece[1] for piece in pieces]).tobytes() == reasons.tobytes()
    assert dumped(parts) == dumped(whole)
    assert again.update(dense, slots).tobytes() == reasons.tobytes()
    assert dumped(again) == dumped(whole)


def auc(scores: F64, strange: Bool) -> float:
    rank = np.argsort(np.argsort(scores))
    positive = int(strange.sum())
    return float((rank[strange].sum() - positive * (positive - 1) / 2) / (positive * (len(scores) - positive)))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("kind", "least"), [("far", 0.97), ("rare", 0.99), ("contradicting", 0.7)])
def test_strange_examples_have_high_scores(seed: int, kind: str, least: float) -> None:
    dense, slots = examples(seed, 30_000)
    strange = np.random.default_rng(seed).random(30_000) < 0.005
    strange[:6000] = False
    if kind == "far":
        dense[strange] = [1e5, -100.0, 7.0]
    elif kind == "rare":
        slots[strange] = np.random.default_rng(seed).integers(0, 2**32, (int(strange.sum()), 2))
    else:
        dense[strange, 1] *= -1.0
    scores, reasons = StrangeExamples(StrangeOptions(), 3, 2).score(dense, slots)
    assert auc(scores[6000:], strange[6000:]) > least
    assert (reasons[strange] > 0).mean() > 20 * (reasons[~strange] > 0).mean()


@pytest.mark.parametrize("rate", [0.01, 0.002])
def test_alarms_are_as_rare_as_asked_for(rate: float) -> None:
    dense, slots = examples(3, 60_000)
    reasons = StrangeExamples(StrangeOptions(rate=rate), 3, 2).update(dense, slots)
    assert not reasons[:5000].any()
    assert rate / 3 < (reasons[5000:] > 0).mean() < rate * 2


def test_memory_does_not_grow() -> None:
    rules = StrangeExamples(StrangeOptions(), 3, 2)
    before = [len(part) for part in dumped(rules)]
    rng = np.random.default_rng(1)
    rules.update(np.exp(rng.normal(0.0, 50.0, (5000, 3))), rng.integers(0, 2**32, (5000, 2)).astype(np.uint32))
    assert [len(part) for part in dumped(rules)] == before


@pytest.mark.parametrize(("d", "c"), [(2, 0), (0, 2)])
def test_numbers_alone_or_categories_alone_will_do(d: int, c: int) -> None:
    dense, slots = examples(1, 6000)
    scores, _ = StrangeExamples(StrangeOptions(), d, c).score(dense[:, :d].copy(), slots[:, :c].copy())
    assert scores[5500:].std() > 0.0


def test_options_that_cannot_work_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two windows"):
        StrangeOptions(learn=100)
    with pytest.raises(ConfigurationError, match="rate is 0"):
        StrangeOptions(rate=0.0)
    with pytest.raises(ConfigurationError, match="no features"):
        StrangeExamples(StrangeOptions(), 0, 0)


def test_parts_of_other_features_are_refused() -> None:
    stored = dumped(small())
    with pytest.raises(StateError, match="older checkpoint"):
        StrangeExamples(StrangeOptions(), 3, 2).load(stored)
    with pytest.raises(StateError, match="older checkpoint"):
        small().load(stored[:-1])
