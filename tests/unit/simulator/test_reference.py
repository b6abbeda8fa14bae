from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.bots import KINDS
from simulator.ground_truth import GroundTruth
from simulator.reference import FAULTS, PRESETS, make
from simulator.stream import Stream
from udfs.errors import ConfigurationError


def test_the_reference_shop(tmp_path: Path) -> None:
    shop = PRESETS["reference"]
    assert (shop.population.users, shop.population.items) == (100_000, 10_000)
    run = FAULTS["none"](replace(shop, impressions=200_000))
    with GroundTruth(run, tmp_path) as truth:
        lines = sum(map(len, Stream(run).slices(truth)))
    summary = truth.summary()
    people = summary["people"]
    assert people["impressions"] == pytest.approx(200_000, rel=0.03)
    assert 0.035 < people["click_rate"] < 0.045
    assert 0.70 < people["best_auc"] < 0.80
    assert people["cart_rate"] == pytest.approx(0.2, abs=0.025)
    assert people["purchase_rate"] == pytest.approx(0.08, abs=0.015)
    assert 0.6 < people["best_purchase_auc"] < 0.85
    assert lines == summary["lines"] == sum(summary["events"].values())
    assert sum(summary["bots"].values()) == 0


@pytest.mark.parametrize("preset", list(PRESETS))
def test_what_goes_wrong_grows_by_name(preset: str) -> None:
    shop = PRESETS[preset]
    none, some, every = (FAULTS[name](shop) for name in ("none", "some", "all"))
    assert none.spans() == some.spans() == []
    assert none.faults.duplicates == 0 < some.faults.duplicates < every.faults.duplicates
    kinds = {name.split(".")[1] for name, _ in every.spans()}
    assert kinds == {"user_clocks", "partition_clocks", "outages", "nulls", "units", "sales"}
    assert every.drift.sudden
    for kind in KINDS:
        assert getattr(none.bots, kind).accounts == 0 < getattr(some.bots, kind).accounts
        assert getattr(some.bots, kind).accounts <= getattr(every.bots, kind).accounts


def test_days_move_what_goes_wrong() -> None:
    short, long = (make("small", "all", {"days": days}, []) for days in (1.0, 30.0))
    assert all(np.isclose(a.stop * 30, b.stop) for (_, a), (_, b) in zip(short.spans(), long.spans(), strict=True))


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="reference, small"):
        make("large", "none", {})
