"""What examples find of their items equals the definition, however they come, are cut and are restored."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.strategies_items import Example, expected, frame_of, make_examples, plan_of
from udfs.behaviour.items import ItemBehaviour, make_item_behaviour
from udfs.types import F64

PLAN = plan_of()
seeds = st.integers(0, 10_000)


def make() -> ItemBehaviour:
    behaviour = make_item_behaviour(PLAN, PLAN.models[0])
    assert behaviour is not None
    return behaviour


def run(examples: list[Example], cut: int, restore: bool = False) -> tuple[F64, ItemBehaviour]:
    """Return the numbers of examples in their order, in frames of any size."""
    draw, behaviour, left = random.Random(cut), make(), examples
    found = []
    while left:
        size = draw.randrange(1, 25)
        frame, left = frame_of(left[:size]), left[size:]
        found.append(behaviour.complete(frame, np.ones(frame.n, np.bool_)).columns["number"][:, 1:])
        if restore:
            parts = [bytes(part) for part in behaviour.dump()]
            behaviour = make()
            behaviour.load(parts)
    return np.concatenate(found), behaviour


@settings(deadline=None, max_examples=40)
@given(seed=seeds, cut=seeds)
def test_it_equals_the_definition(seed: int, cut: int) -> None:
    examples = make_examples(seed)
    found, behaviour = run(examples, cut)
    wanted = [expected(examples, one.item, one.time) for one in examples]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    assert behaviour.state == {"items": 2, "items_forgotten": 0, "examples_given_up": 0}


@settings(deadline=None, max_examples=20)
@given(seed=seeds, cut=seeds, order=seeds)
def test_neither_cuts_nor_restores_nor_the_order_of_arrival_change_a_bit(seed: int, cut: int, order: int) -> None:
    examples = make_examples(seed)
    calm, one = run(examples, 0)
    shaken, other = run(examples, cut, restore=True)
    assert shaken.tobytes() == calm.tobytes()
    assert b"".join(map(bytes, other.dump())) == b"".join(map(bytes, one.dump()))
    draw = random.Random(order)
    again = sorted(range(len(examples)), key=lambda i: examples[i].time + draw.randrange(20_000_000))
    numbers, _ = run([examples[i] for i in again], cut)
    assert numbers.tobytes() == calm[again].tobytes()


@settings(deadline=None, max_examples=20)
@given(seed=seeds, shuffled=seeds)
def test_in_no_order_does_an_example_find_a_label_that_was_decided_after_it(seed: int, shuffled: int) -> None:
    """Whatever has been lost on the way: of what counts for an example it finds a part, and nothing else."""
    examples = make_examples(seed)
    random.Random(shuffled).shuffle(examples)
    found, _ = run(examples, 1)
    most = np.array([expected(examples, one.item, one.time) for one in examples])
    assert (found[:, :2] <= most[:, :2]).all()
    known = ~np.isnan(found[:, 3])
    assert (found[known, 3] >= most[known, 3]).all()
