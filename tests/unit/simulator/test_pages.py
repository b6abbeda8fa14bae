from __future__ import annotations

import numpy as np
import pytest

from simulator.pages import Browsing, visit
from simulator.population import Goods, People, Population
from udfs.errors import ConfigurationError

POPULATION = Population(users=1_000, items=10_000)
STARTS = np.arange(0, 4_000_000, 1_000)


def test_sessions_have_their_length_and_pages_come_one_after_the_other() -> None:
    pages = visit(np.random.default_rng(5), STARTS * 10_000, Browsing(), People(1, POPULATION), Goods(1, POPULATION))
    session = pages.time // 10_000_000
    starts = np.flatnonzero(np.diff(session, prepend=-1))
    assert len(starts) == len(STARTS)
    assert len(pages) / len(STARTS) == pytest.approx(3, rel=0.06)
    gaps = np.diff(pages.time)[np.diff(session) == 0]
    assert gaps.min() > 0
    assert np.median(gaps) == pytest.approx(25_000, rel=0.06)
    assert Browsing().session_impressions == pytest.approx(22.5, rel=0.001)


@pytest.mark.parametrize("wrong", [{"smallest": 9, "largest": 8}, {"largest": 11}, {"pages": 0.5}, {"search": 2.0}])
def test_impossible_browsing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=f"Browsing.{next(iter(wrong))} is"):
        Browsing(**wrong)  # type: ignore[arg-type]
