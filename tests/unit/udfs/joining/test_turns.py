"""Late feedback and early positives equal what a plain batch makes of them, in any order of arrival."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.udfs.joining.histories import (
    JOIN,
    Event,
    answers_of,
    came,
    examples,
    frame,
    layout,
    make_events,
    run,
)
from udfs.joining.examples import AGAIN, EARLY, Joined
from udfs.joining.joiner import UNIT, Joiner
from udfs.schema import Join
from udfs.schema.join import Late

POLICIES: tuple[tuple[Late, bool], ...] = (
    ("fake_negative_weighted", False),
    ("reverse", False),
    ("ignore", True),
    ("reverse", True),
)
MINUTE = 60 * UNIT
Example = tuple[str, int, float, float, int]
"""Label, id, value, weight and turn."""


def with_policy(late: Late, early: bool) -> Join:
    labels = (
        msgspec.structs.replace(
            label, late=late, early_positives=early and (label.population is None or label.start == "feedback")
        )
        for label in JOIN.labels
    )
    return msgspec.structs.replace(JOIN, labels=tuple(labels))


def ratio(events: list[Event], time: int, other: int) -> float:
    """Return by how much more impressions there were in the hour before one minute than before another."""
    minutes = [event.time // MINUTE for event in events if event.type == 0]

    def rate(at: int) -> float:
        stop = at // MINUTE
        return sum(stop - 60 <= minute < stop for minute in minutes) / min(max(stop - min(minutes), 1), 60)

    return min(rate(time) / rate(other), 4.0) if rate(other) else 0.0


def brute(events: list[Event], join: Join) -> Counter[Example]:
    answers, found = answers_of(events, join), Counter[Example]()
    for event in (event for event in events if event.type == 0):
        for label, begin, within, after in came(event, answers[event.id], join):
            example = label.name, event.id
            if within and label.early_positives:
                first, weight = within[0]
                weight *= ratio(events, first - label.window, begin)
                found[(*example, 1.0, round(weight, 9), EARLY)] += 1
                continue
            found[(*example, float(bool(within)), max((weight for _, weight in within), default=1.0), 0)] += 1
            if label.late != "ignore" and not within and after:
                found[(*example, 1.0, after[0][1], AGAIN)] += 1
                if label.late == "reverse":
                    found[(*example, 0.0, -1.0, AGAIN)] += 1
    return found


def found_in(joined: list[Joined], join: Join) -> list[Example]:
    turns = [turn for one in joined for turn in one.rows.columns.get("turn", np.zeros(one.rows.n)).tolist()]
    return [
        (name, id, value, round(weight, 9), int(turn))
        for (name, id, value, weight), turn in zip(examples(joined, join), turns, strict=True)
    ]


@pytest.mark.parametrize(("late", "early"), POLICIES)
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_equal_to_a_batch_join_in_any_order_of_arrival(late: Late, early: bool, seed: int, order: int) -> None:
    events, join = make_events(seed), with_policy(late, early)
    joined, joiner = run(events, order, join)
    assert Counter(found_in(joined, join)) == brute(events, join)
    assert joiner.state["waiting"] == joiner.state["pending"] == joiner.state["forgotten"] == 0


@pytest.mark.parametrize(("late", "early"), POLICIES)
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 1000), cut=st.integers(1, 1000))
def test_cuts_and_restores_leave_no_trace(late: Late, early: bool, seed: int, cut: int) -> None:
    events, join = make_events(seed), with_policy(late, early)
    calm, one = run(events, seed, join)
    for joined, other in (run(events, seed, join, cut=cut), run(events, seed, join, restore=True, cut=cut)):
        assert found_in(joined, join) == found_in(calm, join)
        assert b"".join(map(bytes, other.dump())) == b"".join(map(bytes, one.dump()))


@pytest.mark.parametrize("late", ["fake_negative_weighted", "reverse"])
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 1000), order=st.integers(0, 1000))
def test_an_impression_comes_once_more_after_it_left(late: Late, seed: int, order: int) -> None:
    join = with_policy(late, False)
    joined, joiner = run(make_events(seed), order, join)
    left, corrected = set(), Counter[str]()
    for name, id, value, weight, turn in found_in(joined, join):
        assert (turn == AGAIN) == ((name, id) in left)
        left.add((name, id))
        if turn == AGAIN and value == 1.0:
            corrected[name] += 1
            assert weight > 0
    assert corrected == {name: joiner.state[f"{name}.corrected"] for name in corrected}


def test_what_no_policy_asks_for_is_not_kept() -> None:
    _, joiner = run(make_events(1), 2)
    assert len(joiner._turns.rows) == 0


@pytest.mark.parametrize("late", ["fake_negative_weighted", "reverse"])
def test_beyond_the_bound_what_came_late_is_counted_and_corrects_nothing(late: Late) -> None:
    every = with_policy(late, False)
    join = msgspec.structs.replace(every, labels=every.labels[:1], max_waiting=20, max_feedback=1000)
    events = make_events(1)
    joined, joiner = run(events, 2, join)
    assert joiner.state["forgotten"] > 0
    assert set(found_in(joined, join)) <= set(brute(events, join))


def test_an_early_positive_leaves_as_soon_as_time_has_passed_its_feedback() -> None:
    join = with_policy("ignore", True)
    joiner = Joiner(layout(join), join)
    shown, click = Event(0, 100 * UNIT, 1, 1001, 1, 1), Event(1, 101 * UNIT, 2, 1001, 1, 1)
    joiner.take(frame([shown, click]), np.ones(2, np.bool_))
    assert list(joiner.advance(101 * UNIT)) == []
    early = found_in(list(joiner.advance(102 * UNIT)), join)
    assert [(name, id, value, turn) for name, id, value, _, turn in early] == [
        ("clicked", 1, 1.0, EARLY),
        ("engaged", 1, 1.0, EARLY),
    ]
    assert "clicked" not in [name for name, *_ in found_in(list(joiner.flush()), join)]
