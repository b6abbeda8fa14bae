"""What examples find of their items, and what is given up; the law is in tests/laws."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.laws.strategies_items import NEVER, STEP, UNIT, WINDOW, Example, frame_of, plan_of
from udfs.behaviour.items import ItemBehaviour, make_item_behaviour
from udfs.frames import Frame
from udfs.joining.examples import AGAIN, EARLY
from udfs.schema import Plan
from udfs.types import F64

BEGIN = 1_600_000_000 * UNIT
"""A multiple of the step."""


def make(plan: Plan | None = None) -> ItemBehaviour:
    plan = plan or plan_of()
    behaviour = make_item_behaviour(plan, plan.models[0])
    assert behaviour is not None
    return behaviour


def numbers(behaviour: ItemBehaviour, *examples: Example) -> list[list[float]]:
    frame = frame_of(examples)
    found: F64 = behaviour.complete(frame, np.ones(frame.n, np.bool_)).columns["number"]
    assert (found[:, 0] == 1).all()
    return [list(row) for row in found[:, 1:]]


def shown(behaviour: ItemBehaviour, at: int, item: int = 1) -> list[float]:
    """Return what an impression finds at so many microseconds after the first."""
    return numbers(behaviour, Example(item, BEGIN + at, False))[0]


def test_known_values() -> None:
    behaviour = make()
    assert (
        numbers(behaviour, Example(1, BEGIN, True), Example(1, BEGIN + STEP - 1, False))
        == [pytest.approx(NEVER, nan_ok=True)] * 2
    )
    assert shown(behaviour, WINDOW + STEP - 1) == pytest.approx(NEVER, nan_ok=True)
    decayed = 2 ** -(8 / 40)
    assert shown(behaviour, WINDOW + STEP) == pytest.approx([2.0, 1.0, (decayed + 0.5) / (2 * decayed + 2.0), 8.0])


def test_an_impression_that_comes_again_finds_the_same_and_counts_once() -> None:
    late = make(plan_of(late="reverse"))
    step = late._rules.delay.step
    later = 2 * WINDOW + 2 * step
    first = numbers(late, *(Example(1, BEGIN, False),) * 3, Example(1, BEGIN + later, False))[3]
    back, again = numbers(late, Example(1, BEGIN + later, False, AGAIN), Example(1, BEGIN + later, True, AGAIN))
    for found in (back, again):
        assert found == pytest.approx(first, nan_ok=True)
    assert first[2] < NEVER[2]
    assert shown(late, 2 * later)[:2] == [1.0, 0.0]
    assert late.state["examples_given_up"] == 0


def test_an_early_positive_counts_when_its_window_has_closed() -> None:
    early = make(plan_of(early_positives=True))
    step = early._rules.delay.step
    numbers(early, Example(1, BEGIN, True, EARLY))
    assert shown(early, WINDOW) == pytest.approx(NEVER, nan_ok=True)
    assert shown(early, WINDOW + step)[:2] == [1.0, 1.0]


def test_an_example_that_goes_no_further_finds_but_does_not_count() -> None:
    behaviour = make()
    frame = frame_of([Example(1, BEGIN, True), Example(1, BEGIN, False)])
    behaviour.complete(frame, np.array([False, True]))
    assert shown(behaviour, WINDOW + STEP)[:2] == [1.0, 0.0]


def test_an_example_without_an_item_finds_nothing_and_leaves_nothing() -> None:
    behaviour = make()
    assert numbers(behaviour, *(Example(0, BEGIN + i * 2 * WINDOW, True) for i in range(3)))[2] == pytest.approx(
        NEVER, nan_ok=True
    )
    assert behaviour.state["items"] == 0


def test_what_is_older_than_an_items_steps_finds_nothing_and_is_counted() -> None:
    behaviour = make()
    shown(behaviour, 0)
    shown(behaviour, 10 * WINDOW)
    assert shown(behaviour, 2 * WINDOW) == pytest.approx(NEVER, nan_ok=True)
    assert behaviour.state["examples_given_up"] == 1
    assert shown(behaviour, 12 * WINDOW)[0] == 1.0


def test_a_step_counts_as_far_as_16_bits_do() -> None:
    behaviour = make()
    frame = frame_of([Example(1, BEGIN, True)] * 66_000)
    behaviour.complete(frame, np.ones(frame.n, np.bool_))
    assert behaviour.state["examples_given_up"] == 66_000 - 65_535
    assert shown(behaviour, WINDOW + STEP)[2] == pytest.approx(1.0, abs=1e-4)


def test_at_the_bound_those_are_forgotten_that_were_shown_longest_ago() -> None:
    behaviour = make(plan_of(max_items=16))
    numbers(behaviour, *(Example(item, BEGIN + item, True) for item in range(1, 18)))
    assert behaviour.state == {"items": 13, "items_forgotten": 4, "examples_given_up": 0}
    found = [shown(behaviour, WINDOW + 2 * STEP, item)[0] for item in (17, 6, 5)]
    assert found == [1.0, 1.0, 1.0]
    assert numbers(behaviour, Example(1, BEGIN + 3 * WINDOW, False))[0] == pytest.approx(NEVER, nan_ok=True)


def test_fields_that_ride_along_carry_the_numbers_but_for_what_is_missing() -> None:
    behaviour = make()
    frame = frame_of([Example(1, BEGIN, True), Example(1, BEGIN + 2 * WINDOW, False)], b'{"item":"a"}')
    out = behaviour.complete(frame, np.ones(2, np.bool_))
    fields = [json.loads(out.ragged["sample"].bytes_at(row)) for row in range(2)]
    assert fields[0] == {"item": "a", "shown": 0.0, "clicks": 0.0, "rate": 0.25}
    assert list(fields[1].values())[1:] == out.columns["number"][1, 1:].tolist()
    assert list(fields[1]) == ["item", "shown", "clicks", "rate", "since"]


def test_a_memo_has_the_effect_of_its_frame() -> None:
    one, other = make(), make()
    frame = frame_of([Example(1, BEGIN, True), Example(2, BEGIN, False)])
    columns = {name: column for name, column in frame.columns.items() if name != "number"}
    one.complete(frame, np.ones(2, np.bool_))
    other.complete(Frame(frame.kind, 2, {}, columns), np.ones(2, np.bool_))
    assert list(map(bytes, one.dump())) == list(map(bytes, other.dump()))
