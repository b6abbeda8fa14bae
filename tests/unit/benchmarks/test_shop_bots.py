"""What the job's own [read] and [user] find of the simulated shop's bots; a small shop with every fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.quality import shop_bots
from benchmarks.quality.shop_bots import Verdicts, figures, kinds_of, verdicts
from jobs.config import load
from simulator.bots import KINDS, Bots
from simulator.files import to_files
from simulator.population import Population
from simulator.reference import PRESETS, every
from udfs.quality.anomaly.user_options import UserReason


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("bots")
    shop = replace(PRESETS["small"], impressions=60_000, population=Population(users=600, items=500))
    usual = Bots()
    few = Bots(**{kind: replace(getattr(usual, kind), accounts=3) for kind in KINDS})
    to_files(replace(every(shop), bots=few), folder / "shop", folder / "truth")
    return figures(verdicts(load(shop_bots.EXAMPLE), folder / "shop"), kinds_of(folder / "shop", folder / "truth"))


def test_bots_are_found_and_people_left_alone(found: dict[str, Any]) -> None:
    for kind in KINDS:
        assert found["flagged"][kind] >= 0.9, kind
    assert found["flagged"]["people"] <= 0.001
    assert found["flagged"]["heaviest"] <= 0.001
    assert found["judged"] > 50_000


def test_figures_are_shares_of_events_after_the_first_twenty() -> None:
    users = np.repeat(np.array([1, 2], np.uint64), [30, 25])
    reasons = np.zeros(55, np.uint8)
    reasons[[5, 25, 26]] = UserReason.PACE
    told = figures(Verdicts(users, reasons), {1: 1 + KINDS.index("scraper")})
    assert told["flagged"]["scraper"] == pytest.approx(0.2)
    assert told["flagged"]["people"] == told["flagged"]["heaviest"] == 0.0
    assert told["by_rule"]["scraper"] == {"pace": 2}
    assert np.isnan(told["flagged"]["ring"])
    assert (told["events"], told["judged"]) == (55, 15)
