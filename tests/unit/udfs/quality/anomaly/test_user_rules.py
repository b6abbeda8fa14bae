"""The laws of the rules about users: any cutting, any restore, bounded memory, the same bytes from the same events."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.udfs.quality.anomaly.streams import judged, pages
from udfs.errors import ConfigurationError, StateError
from udfs.quality.anomaly.user_options import CLICK, OTHER, UserOptions, UserReason
from udfs.quality.anomaly.user_rules import UserRules
from udfs.types import U8

SECOND = 1_000_000
steps = st.sampled_from([0, 1000, SECOND, 3 * SECOND, 3 * SECOND, 10 * SECOND, -SECOND, -5000 * SECOND])
events = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 2), steps), max_size=300)
Rows = list[tuple[int, int, int]]


def options() -> UserOptions:
    return UserOptions(max_users=16, learn=2, error=0.05)


def update(rules: UserRules, rows: Rows) -> U8:
    users, kinds, times = np.array(rows, np.int64).reshape(-1, 3).T
    return rules.update(users.astype(np.uint64), kinds.astype(np.uint8), times.copy())


def at_times(rows: Rows) -> Rows:
    now = itertools.accumulate((step for _, _, step in rows), initial=10**15)
    return [(user, kind, time) for (user, kind, _), time in zip(rows, itertools.islice(now, 1, None), strict=False)]


def dumped(rules: UserRules) -> list[bytes]:
    return [bytes(part) for part in rules.dump()]


@settings(deadline=None, max_examples=150)
@given(rows=events, cut=st.lists(st.integers(0, 300), max_size=5))
def test_any_cutting_and_any_restore_gives_the_same(rows: Rows, cut: list[int]) -> None:
    rows = at_times(rows)
    whole, parts, again = UserRules(options()), UserRules(options()), UserRules(options())
    expected = update(whole, rows).tolist()
    found: list[int] = []
    for start, stop in itertools.pairwise([0, *sorted(cut), max(len(rows), *cut, 0)]):
        found += update(parts, rows[start:stop]).tolist()
        stored = dumped(parts)
        parts = UserRules(options())
        parts.load(stored)
        assert dumped(parts) == stored
    assert found == expected
    assert dumped(parts) == dumped(whole)
    assert update(again, rows).tolist() == expected
    assert dumped(again) == dumped(whole)


def random_rows(n: int, users: int, seed: int = 1) -> Rows:
    rng = np.random.default_rng(seed)
    columns = ((users * rng.random(n) ** 4).astype(int), rng.integers(0, 3, n), 10**15 + np.arange(n) * SECOND // 5)
    return [(int(u), int(k), int(t)) for u, k, t in zip(*columns, strict=True)]


def test_a_large_table_is_cut_and_restored_alike() -> None:
    rows = random_rows(20_000, 3000)
    whole, parts = UserRules(UserOptions(max_users=2000)), UserRules(UserOptions(max_users=2000))
    expected = update(whole, rows)
    first = update(parts, rows[:7777])
    restored = UserRules(UserOptions(max_users=2000))
    restored.load(dumped(parts))
    assert np.concatenate([first, update(restored, rows[7777:])]).tolist() == expected.tolist()
    assert dumped(restored) == dumped(whole)
    assert (expected > 0).any()


def test_memory_is_bounded_and_the_least_recently_seen_go_first() -> None:
    rules = UserRules(UserOptions(max_users=3000))
    faithful = [(user, OTHER, 10**15) for user in range(10)]
    rows: Rows = []
    for i in range(60):
        time = 10**15 + i * 60 * SECOND
        rows += [(user, kind, time) for user, kind, _ in faithful]
        rows += [(1000 + 500 * i + j, OTHER, time + j) for j in range(500)]
    update(rules, rows)
    assert len(rules) <= 3000
    assert rules.forgotten == 10 + 60 * 500 - len(rules)
    parts = dumped(rules)
    assert sum(map(len, parts)) <= 64 * 3000 + 1000
    records = np.frombuffer(parts[2], np.uint64).reshape(-1, 8)[:, 0]
    assert set(range(10)) <= set(records.tolist())
    assert 1000 + 500 * 60 - 1 in records


def test_rules_stored_under_a_higher_bound_shrink_with_the_next_newcomer() -> None:
    wide, narrow = UserRules(UserOptions(max_users=1000)), UserRules(UserOptions(max_users=100))
    update(wide, [(user, OTHER, 10**15 + user) for user in range(600)])
    narrow.load(dumped(wide))
    update(narrow, [(5000, OTHER, 10**15 + 5000)])
    assert (len(narrow), narrow.forgotten) == (76, 525)


def test_nobody_is_judged_before_twenty_events() -> None:
    reasons = judged(UserRules(UserOptions()), pages(np.arange(100) * 0.01, size=1))
    assert set(reasons[:20]) == {UserReason.FINE}
    few = judged(UserRules(UserOptions(learn=60)), pages(np.arange(100) * 0.01, size=1))
    assert (few[59], few[60]) == (UserReason.FINE, UserReason.PACE)


def test_a_clock_that_was_set_back_begins_anew_and_a_straggler_changes_nothing() -> None:
    def interval_and_last(rules: UserRules) -> bytes:
        return dumped(rules)[2]

    plain, mixed = UserRules(UserOptions()), UserRules(UserOptions())
    pages_of = [(3, OTHER, 10**15 + i * 10 * SECOND) for i in range(12)]
    update(plain, pages_of)
    update(mixed, [*pages_of[:6], (3, OTHER, 10**15 + SECOND), *pages_of[6:]])
    assert interval_and_last(plain)[:56] == interval_and_last(mixed)[:56]
    back = 10**15 - 10**11
    reasons = update(mixed, [(3, OTHER, back + i * 10 * SECOND) for i in range(30)])
    assert reasons[-1] == UserReason.REGULAR


def test_an_empty_frame_is_nothing() -> None:
    rules = UserRules(UserOptions())
    assert update(rules, []).shape == (0,)
    assert len(rules) == 0


@pytest.mark.parametrize("name", ["max_users", "page", "error", "click_rate", "learn"])
def test_options_out_of_range_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is -1"):
        UserOptions(**{name: -1})


@pytest.mark.parametrize("part", range(3))
def test_parts_that_do_not_fit_are_refused(part: int) -> None:
    rules = UserRules(UserOptions())
    update(rules, [(1, CLICK, 10**15)])
    stored = dumped(rules)
    stored[part] += stored[part]
    with pytest.raises(StateError, match="older checkpoint"):
        UserRules(UserOptions()).load(stored)
