from __future__ import annotations

import numpy as np
import pytest

from simulator.impressions import WORDS_PER_CATEGORY, Impressions, show
from simulator.pages import Browsing, visit
from simulator.population import Goods, People, Population

POPULATION = Population(users=1_000, items=10_000)
STARTS = np.arange(0, 4_000_000, 1_000)


@pytest.fixture(scope="module")
def shown() -> Impressions:
    goods = Goods(1, POPULATION)
    rng = np.random.default_rng(2)
    return show(rng, visit(rng, STARTS, Browsing(), People(1, POPULATION), goods), Browsing(), goods)


def test_pages_have_five_to_ten_impressions_in_positions_at_about_the_same_time(shown: Impressions) -> None:
    first = np.flatnonzero(shown.position == 1)
    sizes = np.diff(first, append=len(shown))
    assert set(sizes.tolist()) == {5, 6, 7, 8, 9, 10}
    assert np.array_equal(shown.position, np.concatenate([np.arange(1, size + 1) for size in sizes]))
    assert (shown.time - shown.time[first][shown.page] <= 40).all()
    for name in ("user", "device", "search"):
        column = getattr(shown, name)
        assert np.array_equal(column, column[first][shown.page])


def test_few_pages_show_an_item_twice(shown: Impressions) -> None:
    pairs = np.unique(np.stack((shown.page, shown.item)), axis=1).shape[1]
    assert pairs > 0.999 * len(shown)


def test_only_searches_have_queries_of_one_to_three_words_of_the_category(shown: Impressions) -> None:
    given = shown.words >= 0
    assert np.array_equal(given.any(axis=1), shown.search)
    assert set(given.sum(axis=1).tolist()) == {0, 1, 2, 3}
    assert (given[:, :-1] >= given[:, 1:]).all()
    category = np.repeat(shown.category[:, None], 3, axis=1)
    assert np.array_equal((shown.words // WORDS_PER_CATEGORY)[given], category[given])
    assert shown.search[shown.position == 1].mean() == pytest.approx(0.6, abs=0.03)


def test_targets_take_the_place_of_all_items() -> None:
    goods, people = Goods(1, POPULATION), People(1, POPULATION)
    rng = np.random.default_rng(3)
    shown = show(rng, visit(rng, STARTS, Browsing(), people, goods), Browsing(), goods, np.array([3, 99]))
    assert set(shown.item.tolist()) == {3, 99}
    assert np.array_equal(shown.category, goods.category[shown.item])
