"""A table grows up to its bound and forgets beyond it; what is stored is the same however it came about."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.errors import StateError
from udfs.quality.anomaly import keyed_table
from udfs.quality.anomaly.keyed_state import COUNT, FORGOTTEN, KeyedState
from udfs.quality.anomaly.user_record import RECORD


def enter(state: KeyedState, keys: range) -> None:
    for key in keys:
        slot = keyed_table.find(np.uint64(key), state.table)
        if state.table[slot]["seen"] == 0:
            if len(state) >= state.room():
                state.make_room()
                slot = keyed_table.find(np.uint64(key), state.table)
            state.counters[COUNT] += 1
        state.table[slot]["key"], state.table[slot]["seen"], state.table[slot]["last"] = key, 1, key


def state_of(max_keys: int) -> KeyedState:
    return KeyedState(RECORD, max_keys, [np.arange(3.0), np.ones((2, 2))])


def test_it_doubles_up_to_its_bound_and_then_forgets_the_oldest_quarter() -> None:
    state = state_of(1500)
    enter(state, range(1500))
    assert (len(state), len(state.table), state.counters[FORGOTTEN]) == (1500, 2048, 0)
    enter(state, range(1500, 1501))
    assert (len(state), len(state.table), state.counters[FORGOTTEN]) == (1500 * 3 // 4 + 1, 2048, 375)
    assert keyed_table.records_of(state.table)["key"].tolist() == list(range(375, 1501))


def test_a_restored_state_is_the_stored_one() -> None:
    state, other = state_of(1500), state_of(1500)
    enter(state, range(2000))
    state.learned[0][:] = [7.0, 8.0, 9.0]
    stored = [bytes(part) for part in state.dump()]
    other.load(stored)
    assert [bytes(part) for part in other.dump()] == stored
    enter(state, range(1900, 4000))
    enter(other, range(1900, 4000))
    assert [bytes(part) for part in other.dump()] == [bytes(part) for part in state.dump()]


def test_what_does_not_fit_is_refused() -> None:
    stored = [bytes(part) for part in state_of(100).dump()]
    fewer = KeyedState(RECORD, 100, [np.arange(3.0)])
    with pytest.raises(StateError, match="another version"):
        fewer.load(stored)
    with pytest.raises(StateError, match="another version"):
        state_of(100).load(stored[:2])
    counters = np.array([5, 0, 1024]).tobytes()
    with pytest.raises(StateError, match="do not fit their counters"):
        state_of(100).load([counters, *stored[1:]])
