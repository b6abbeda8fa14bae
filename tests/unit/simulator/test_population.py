from __future__ import annotations

import numpy as np
import pytest

from simulator.population import Goods, People, Population
from simulator.shop import CATEGORIES
from udfs.errors import ConfigurationError


def test_people_are_heavy_tailed() -> None:
    people = People(1, Population(users=100_000))
    counts = np.sort(np.bincount(people.draw(np.random.default_rng(2), 2_000_000), minlength=100_000))[::-1]
    assert 0.03 < counts[:100].sum() / counts.sum() < 0.06
    assert counts[99] > 15 * counts.mean()
    assert np.median(counts[:100]) / counts.mean() == pytest.approx(Population(users=100_000).heaviest(), rel=0.05)


def test_items_stay_in_their_category_and_are_shown_by_popularity() -> None:
    goods = Goods(1, Population(users=10, items=500))
    rng = np.random.default_rng(3)
    category = goods.draw_category(rng, 50_000)
    item = goods.at(category, rng.random(50_000))
    assert np.array_equal(goods.category[item], category)
    counts = np.sort(np.bincount(item, minlength=500))[::-1]
    assert counts[0] > 4 * counts[250] > 0
    for place in (0.0, np.nextafter(1.0, 0.0)):
        every = np.arange(len(CATEGORIES))
        assert np.array_equal(goods.category[goods.at(every, np.full(len(every), place))], every)


def test_a_shop_may_have_one_item() -> None:
    goods = Goods(1, Population(users=1, items=1))
    category = goods.draw_category(np.random.default_rng(1), 10)
    assert (goods.at(category, np.linspace(0, 0.99, 10)) == 0).all()


@pytest.mark.parametrize("wrong", [{"users": 0}, {"items": 2_000_000}, {"price_median": -1.0}, {"user_exponent": 9.0}])
def test_impossible_populations_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=f"Population.{next(iter(wrong))} is"):
        Population(**wrong)  # type: ignore[arg-type]
