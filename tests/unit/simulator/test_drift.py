from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.drift import Drift, Moments, Sale, Taste
from simulator.span import DAY_MS
from tests.unit.simulator.runs import SHOP, Written, write
from udfs.errors import ConfigurationError
from udfs.types import F64

ENTRIES = np.arange(5_000)


def taste(drift: Drift, day: float) -> F64:
    """All effects of one table on a day."""
    table = Taste(np.random.default_rng(1), drift, 0.5, len(ENTRIES))
    return table.at(ENTRIES, Moments(drift, np.full(len(ENTRIES), round(day * DAY_MS))))


def test_tastes_are_redrawn_at_once_and_are_the_same_before() -> None:
    drift = Drift(sudden=(3.0, 5.0))
    assert np.array_equal(taste(drift, 2.99), taste(Drift(), 9))
    assert np.array_equal(taste(drift, 3.0), taste(drift, 4.99))
    for a, b in ((2.99, 3), (4.99, 5), (2.99, 5)):
        assert abs(np.corrcoef(taste(drift, a), taste(drift, b))[0, 1]) < 0.06
    assert taste(drift, 3).std() == pytest.approx(0.5, rel=0.05)


def test_tastes_turn_slowly_and_keep_their_spread() -> None:
    drift = Drift(turn_days=40)
    by_day = [taste(drift, day) for day in (0, 2, 10, 20, 40)]
    similar = [float(np.corrcoef(by_day[0], other)[0, 1]) for other in by_day]
    assert similar == pytest.approx([1, np.cos(2 * np.pi * 2 / 40), 0, -1, 1], abs=0.05)
    assert all(effects.std() == pytest.approx(0.5, rel=0.05) for effects in by_day)


def test_a_sale_triples_traffic_and_clicks(tmp_path: Path) -> None:
    sale = Sale(start=0.5, stop=1.0)
    plain = write(tmp_path / "plain", replace(SHOP, impressions=60_000))
    sold = write(tmp_path / "sold", replace(SHOP, impressions=60_000, drift=Drift(sales=(sale,))))

    def inside(written: Written) -> tuple[int, float]:
        held = sale.holds(written.truth["time"] - SHOP.start_ms)
        return int(held.sum()), float(written.truth["click_probability"][held].mean())

    (before, rate_before), (after, rate_after) = inside(plain), inside(sold)
    assert after / before == pytest.approx(3, rel=0.1)
    assert rate_after / rate_before == pytest.approx(3, rel=0.08)
    assert sold.summary["spans"][0]["events"] == after
    assert sold.truth["click_probability"].max() <= 0.95


def test_categories_have_their_seasons(tmp_path: Path) -> None:
    run = replace(SHOP, days=365, drift=Drift(season=2.0))
    written = write(tmp_path, run)
    category = {int(e["impression_id"][3:]): e["category"] for e in written.events("impression")}
    tea = np.array([category[i] == "tea" for i in range(len(category))])
    month = (written.truth["time"] - SHOP.start_ms) // (30 * DAY_MS)
    rates = [written.truth["click_probability"][tea & (month == m)].mean() for m in range(12)]
    assert max(rates) > 5 * min(rates)


@pytest.mark.parametrize("sudden", [(3.0, 1.0), (-1.0,)])
def test_sudden_drifts_must_be_in_order(sudden: tuple[float, ...]) -> None:
    with pytest.raises(ConfigurationError, match=r"Drift.sudden is"):
        Drift(sudden=sudden)
