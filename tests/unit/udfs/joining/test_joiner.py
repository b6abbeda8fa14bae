"""The joiner equals a plain batch join, whatever the order of arrival, the cuts and the restores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.udfs.joining.histories import JOIN, Event, brute, examples, frame, layout, make_events, run
from udfs.joining.joiner import UNIT, Joiner
from udfs.schema import Join


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_equal_to_a_batch_join_in_any_order_of_arrival(seed: int, order: int) -> None:
    events = make_events(seed)
    joined, joiner = run(events, order)
    found = examples(joined, JOIN)
    assert len(found) == len(set(found))
    assert set(found) == brute(events, JOIN)
    state = joiner.state
    assert state["waiting"] == state["pending"] == state["forgotten"] == 0
    assert state.get("behind", 0) == 0
    assert state["answered"] + state["late"] + state["unknown"] == sum(event.type > 0 for event in events)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), cut=st.integers(1, 1000))
def test_cuts_and_restores_leave_no_trace(seed: int, cut: int) -> None:
    events = make_events(seed)
    calm, one = run(events, seed)
    for joined, other in (run(events, seed, cut=cut), run(events, seed, restore=True, cut=cut)):
        assert examples(joined, JOIN) == examples(calm, JOIN)
        assert b"".join(map(bytes, other.dump())) == b"".join(map(bytes, one.dump()))


def test_each_label_leaves_in_the_order_of_time() -> None:
    joined, _ = run(make_events(3), 4)
    for label in (0, 1):
        times = np.concatenate([rows.columns["time"] for number, rows, _, _ in joined if number == label])
        assert (np.diff(times) >= 0).all()


@pytest.mark.parametrize("cut", [0, 5])
def test_what_the_bounds_cost_is_counted(cut: int) -> None:
    tight = Join(
        impression="impression", feedback=JOIN.feedback, labels=JOIN.labels[:1], max_waiting=16, max_feedback=20
    )
    events = make_events(1)
    joined, joiner = run(events, 2, tight, cut=cut)
    found, state = examples(joined, tight), joiner.state
    assert state["forgotten"] > 0
    assert state["feedback_given_up"] > 0
    assert len(found) + state["given_up"] == 60
    assert {(name, id) for name, id, _, _ in found} <= {(name, id) for name, id, _, _ in brute(events, tight)}
    assert examples(run(events, 2, tight)[0], tight) == found


def test_an_impression_behind_the_time_is_counted_and_not_learned() -> None:
    joiner = Joiner(layout(), JOIN)
    assert list(joiner.advance(100 * UNIT)) == []
    joiner.take(frame([Event(0, 99 * UNIT, 1, 1, 1, 1), Event(0, 100 * UNIT, 2, 2, 1, 1)]), np.ones(2, np.bool_))
    assert joiner.state["behind"] == 1
    assert {id for _, id, _, _ in examples(list(joiner.flush()), JOIN)} == {2}
