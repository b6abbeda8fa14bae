"""What the rules about items find in a simulated market, and whom they leave alone; several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.rings import Market, run, sales

MARKET = Market(events=200_000, items=2000)


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_rings_are_found_and_people_left_alone(seed: int) -> None:
    shares = run(MARKET, seed)
    assert shares["rings"] >= 0.85
    assert shares["people"] <= 0.005


def test_without_rings_nobody_is_accused() -> None:
    assert run(Market(events=200_000, items=2000, rings=0), 21)["people"] == 0.0


def test_the_market_is_what_it_says() -> None:
    stream = sales(MARKET, 1)
    assert (stream.ring & (stream.kinds == 1)).sum() == 5 * 20 * 3 * 10
    assert (np.diff(stream.times) >= 0).all()
    assert len(np.unique(stream.users[stream.ring])) == 5 * 20
    assert [column.tobytes() for column in sales(MARKET, 1)] == [column.tobytes() for column in stream]
