"""Records are bounded: those go whose newest event is the oldest."""

from __future__ import annotations

import numpy as np

from tests.unit.udfs.behaviour.described import CLICK, VIEW, layout
from udfs.behaviour.frozen import Frozen
from udfs.behaviour.record import rules_of
from udfs.behaviour.store import Store
from udfs.frames import Frame, Kind

RULES, WIDTH = rules_of(layout())


def make(max_users: int) -> Store:
    return Store(RULES, WIDTH, max_users)


def rows(users: list[int], first: int = 0, number: int = -1) -> Frame:
    """Return a click of each user, a second apart; with a number the impressions of which the first has it."""
    n = len(users)
    columns = {
        "user": np.array(users, np.uint64),
        "time": np.arange(first, first + n) * 1_000_000,
        "type": np.full(n, CLICK if number < 0 else VIEW, np.uint8),
        "number": np.full(n, -1) if number < 0 else np.arange(number, number + n),
        "given": np.full((n, 1), number < 0, np.uint8),
        "value": np.array(users, np.uint32).reshape(n, 1),
    }
    return Frame(Kind.EVENTS, n, {}, columns)


def found(store: Store, users: list[int], at: int) -> list[int]:
    """Return what the history of each user holds first; 0 where nothing is known."""
    frozen = Frozen(np.zeros(3), 1, 3)
    frozen.append(np.arange(len(users)), lambda otherwise: otherwise)
    store.follow(rows(users, at, 0), frozen)
    values: list[int] = frozen.of(np.arange(len(users)))[2][:, 0].tolist()
    return values


def test_it_grows_up_to_the_bound() -> None:
    store, users = make(5000), list(range(1, 5001))
    store.follow(rows(users), Frozen(np.zeros(3), 1, 3))
    assert len(store) == 5000
    assert store.forgotten == 0
    assert found(store, users, 5000) == users


def test_at_the_bound_a_quarter_goes_that_was_not_seen_for_longest() -> None:
    store, nothing = make(100), Frozen(np.zeros(3), 1, 3)
    store.follow(rows(list(range(1, 101))), nothing)
    store.follow(rows([1, 2, 3], 100), nothing)
    store.follow(rows([101], 103), nothing)
    assert store.forgotten == 25
    assert len(store) == 76
    assert found(store, [1, 2, 3, 4, 28, 29, 100, 101], 200) == [1, 2, 3, 0, 0, 29, 100, 101]


def test_records_survive_a_lower_bound_until_there_is_no_room() -> None:
    store, less = make(100), make(40)
    store.follow(rows(list(range(1, 81))), Frozen(np.zeros(3), 1, 3))
    less.load(store.dump().copy(), 7)
    assert len(less) == 80
    assert found(less, [1, 80], 100) == [1, 80]
    less.follow(rows([81], 103), Frozen(np.zeros(3), 1, 3))
    assert less.forgotten > 7
    assert len(less) <= 40
    assert found(less, [3, 81], 104) == [0, 81]
