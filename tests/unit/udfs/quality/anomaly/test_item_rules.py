"""Rings are found, hot and young items too; and the laws: any cutting, any restore, bounded memory, the same bytes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.errors import ConfigurationError, StateError
from udfs.quality.anomaly.item_options import ItemOptions, ItemReason
from udfs.quality.anomaly.item_rules import ItemRules
from udfs.quality.anomaly.user_options import CLICK, IMPRESSION
from udfs.types import U8

events = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(0, 2) | st.just(1), st.booleans()), max_size=300
)
Rows = list[tuple[int, int, int, bool]]
"""Item, user, kind, and whether the account is young."""


def options() -> ItemOptions:
    return ItemOptions(max_items=16, error=0.1)


def update(rules: ItemRules, rows: Rows, start: int = 0) -> U8:
    items, users, kinds, young = np.array(rows, np.int64).reshape(-1, 4).T
    times = start + np.arange(len(rows))
    columns = items.astype(np.uint64), users.astype(np.uint64), kinds.astype(np.uint8), times, young.astype(np.bool_)
    return rules.update(*columns)


def dumped(rules: ItemRules) -> list[bytes]:
    return [bytes(part) for part in rules.dump()]


@settings(deadline=None, max_examples=150)
@given(rows=events, cut=st.lists(st.integers(0, 300), max_size=5))
def test_any_cutting_and_any_restore_gives_the_same(rows: Rows, cut: list[int]) -> None:
    whole, parts, again = ItemRules(options()), ItemRules(options()), ItemRules(options())
    expected = update(whole, rows).tolist()
    found: list[int] = []
    for start, stop in itertools.pairwise([0, *sorted(cut), max(len(rows), *cut, 0)]):
        found += update(parts, rows[start:stop], start).tolist()
        stored = dumped(parts)
        parts = ItemRules(options())
        parts.load(stored)
        assert dumped(parts) == stored
    assert found == expected
    assert dumped(parts) == dumped(whole)
    assert update(again, rows).tolist() == expected
    assert dumped(again) == dumped(whole)


def test_memory_is_bounded_and_the_least_recently_seen_go_first() -> None:
    rules = ItemRules(ItemOptions(max_items=3000))
    for i in range(50):
        update(rules, [(item, 1, IMPRESSION, False) for item in (1, *range(1000 * i + 10, 1000 * i + 1010))], i * 10**6)
    assert len(rules) <= 3000
    assert rules.forgotten == 50 * 1000 + 1 - len(rules)
    parts = dumped(rules)
    assert sum(map(len, parts)) <= 64 * 3000 + 200
    assert 1 in np.frombuffer(parts[2], np.uint64).reshape(-1, 8)[:, 0]


def shown_and_clicked(users: list[int], every: int, young: bool = False) -> Rows:
    """Clicks of these users, each after as many impressions for others."""
    return [row for user in users for row in [(5, 10**6, IMPRESSION, False)] * every + [(5, user, CLICK, young)]]


def test_a_ring_is_found_and_a_newcomer_is_left_alone() -> None:
    rules = ItemRules(ItemOptions())
    ring = update(rules, shown_and_clicked(list(range(8)) * 8, every=25))
    clicks = ring[25::26]
    assert set(clicks[:16]) == {ItemReason.FINE}
    assert set(clicks[32:]) == {ItemReason.RING}
    assert update(rules, [(5, 77, CLICK, False)], 10**6).tolist() == [ItemReason.FINE]


def test_one_person_who_cannot_decide_is_no_ring() -> None:
    reasons = update(ItemRules(ItemOptions()), shown_and_clicked([3] * 100, every=25))
    assert set(reasons) == {ItemReason.FINE}


def test_many_people_are_no_ring() -> None:
    users = np.random.default_rng(1).integers(0, 10_000, 3000).tolist()
    assert set(update(ItemRules(ItemOptions()), shown_and_clicked(users, every=25))) == {ItemReason.FINE}


def test_an_item_that_is_clicked_nearly_every_time_is_hot() -> None:
    reasons = update(ItemRules(ItemOptions()), shown_and_clicked(list(range(100)), every=1))
    assert set(reasons[1::2][-60:]) == {ItemReason.HOT}
    assert set(reasons[::2]) == {ItemReason.FINE}


def test_clicks_of_young_accounts_are_told_from_others() -> None:
    rules = ItemRules(ItemOptions())
    reasons = update(rules, shown_and_clicked(list(range(100)), every=25, young=True))
    assert set(reasons[25::26][-60:]) == {ItemReason.YOUNG}
    assert update(rules, [(5, 777, CLICK, False)], 10**6).tolist() == [ItemReason.FINE]


def test_nobody_has_to_know_who_is_young() -> None:
    items, users = np.array([[1, 1], [2, 3]], np.uint64)
    reasons = ItemRules(ItemOptions()).update(items, users, np.ones(2, np.uint8), np.arange(2))
    assert reasons.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["max_items", "error", "click_rate"])
def test_options_out_of_range_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is -1"):
        ItemOptions(**{name: -1})


@pytest.mark.parametrize("part", range(3))
def test_parts_that_do_not_fit_are_refused(part: int) -> None:
    rules = ItemRules(ItemOptions())
    update(rules, [(1, 1, CLICK, False)])
    stored = dumped(rules)
    stored[part] += stored[part]
    with pytest.raises(StateError, match="older checkpoint"):
        ItemRules(ItemOptions()).load(stored)
