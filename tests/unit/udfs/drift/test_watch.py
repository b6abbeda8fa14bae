from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.drift.watch import LOGGED, Watch
from udfs.errors import StateError
from udfs.schema import Drift
from udfs.types import F64

N = 6_000
RULES = Drift(warmup=1_000)


def values(seed: int, scale: float = 1.0, offset: float = 0.0) -> F64:
    """Noise whose mean is 0, then 1 from value 3,000 on; every 50th is missing."""
    noise = np.random.default_rng(seed).normal(np.repeat([0.0, 1.0], N // 2), 1.0)
    noise[::50] = math.nan
    stream: F64 = noise * scale + offset
    return stream


def observed(rules: Drift, stream: F64, cuts: list[int]) -> tuple[dict[str, Any], dict[str, bytes]]:
    watch = Watch(rules)
    times = np.arange(len(stream)) * 10
    for start, stop in itertools.pairwise([0, *sorted(cuts), len(stream)]):
        watch.observe(stream[start:stop], times[start:stop], start)
        restored = Watch(rules)
        restored.load({name: array.copy() for name, array in watch.dump().items()})
        watch = restored
    return watch.report(), {name: array.tobytes() for name, array in watch.dump().items()}


@pytest.mark.parametrize("detector", ["adwin", "page_hinkley"])
@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1e-6, 0.0), (1e6, 1e7)])
def test_a_change_is_told_in_any_unit(detector: Any, scale: float, offset: float) -> None:
    rules = Drift(warmup=1_000, detector=detector, tolerance=0.1, threshold=60.0)
    report, _ = observed(rules, values(1, scale, offset), [])
    assert report["changes"] == report["rises"] >= 1
    first = report["log"][0]
    assert 3_000 < first["examples"] < 3_500
    assert first["event_time"] == (first["examples"] - 1) * 10
    assert first["rose"]
    assert report["skipped"] == N / 50
    assert abs(report["estimate"] - offset - scale) < 0.2 * scale


def test_a_fall_is_told_as_one() -> None:
    report, _ = observed(RULES, -values(1), [])
    assert report["changes"] >= 1
    assert report["rises"] == 0
    assert not report["log"][0]["rose"]


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 5), cuts=st.lists(st.integers(0, N), max_size=5))
def test_any_cutting_and_any_restore_gives_the_same(seed: int, cuts: list[int]) -> None:
    assert observed(RULES, values(seed), cuts) == observed(RULES, values(seed), [])


def test_the_first_values_are_not_tested() -> None:
    watch = Watch(Drift(warmup=N))
    watch.observe(values(1), np.zeros(N, np.int64), 0)
    assert watch.report() | {"skipped": 0} == {
        "changes": 0, "rises": 0, "skipped": 0, "width": 0, "estimate": None, "log": []
    }  # fmt: skip


def test_a_number_that_was_always_the_same_may_change() -> None:
    report, _ = observed(RULES, np.repeat([3.0, 4.0], 2_000), [])
    assert report["changes"] >= 1
    assert report["estimate"] == pytest.approx(4.0, abs=0.1)


def test_what_is_far_away_stays_bounded() -> None:
    report, state = observed(RULES, np.where(np.arange(N) % 7, 1e300, -1e300), [])
    assert math.isfinite(report["estimate"])
    assert np.isfinite(np.frombuffer(state["scale"])).all()


def test_the_newest_changes_are_kept_in_order() -> None:
    stream = np.repeat(np.arange(100) % 2, 500).astype(np.float64)
    report, _ = observed(Drift(warmup=100), stream, [700, 30_000])
    assert report["changes"] > LOGGED
    told = [change["examples"] for change in report["log"]]
    assert len(told) == LOGGED
    assert told == sorted(told)
    assert told[-1] > 49_500


def test_a_state_of_another_detector_is_refused() -> None:
    with pytest.raises(StateError, match="watched"):
        Watch(RULES).load(Watch(Drift(detector="page_hinkley")).dump())
