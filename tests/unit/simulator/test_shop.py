from __future__ import annotations

import numpy as np

from simulator.shop import CATEGORIES, Shop, vocabulary


def test_words_are_distinct() -> None:
    words = vocabulary()
    assert len(set(words)) == len(words) >= 24 * len(CATEGORIES)


def test_a_drifted_shop_has_the_same_goods_and_other_tastes() -> None:
    before, after = Shop(4, 100, 50), Shop(4, 100, 50, drifted=True)
    assert np.array_equal(before.price_of, after.price_of)
    assert np.array_equal(before.category_of, after.category_of)
    assert abs(np.corrcoef(before.item, after.item)[0, 1]) < 0.5


def test_queries_have_one_to_three_words_of_their_category() -> None:
    shown = Shop(1, 500, 100).impressions(np.random.default_rng(0), 5_000)
    counts = (shown.words >= 0).sum(axis=1)
    assert set(counts.tolist()) == {1, 2, 3}
    given = shown.words >= 0
    assert np.array_equal((shown.words // 24)[given], np.repeat(shown.category[:, None], 3, axis=1)[given])
    assert ((shown.probability > 0) & (shown.probability < 1)).all()
