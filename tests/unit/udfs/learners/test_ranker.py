from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from udfs.augment.unshown import UnshownItems
from udfs.errors import ConfigurationError
from udfs.features import Batch, Space
from udfs.features.unshown import Unshown
from udfs.learners import Learner, make
from udfs.schema import Categorical, Cross, FeatureSet, Label, Model
from udfs.schema import Unshown as Rules
from udfs.types import I64

FEATURES = FeatureSet(
    seed=1,
    features={
        "user": Categorical(field="user"),
        "item": Categorical(field="item"),
        "category": Categorical(field="category"),
        "both": Cross(of=("item", "category")),
        "mixed": Cross(of=("user", "category")),
    },
)
PLAIN = ("user", "item", "category")


def ranker(names: tuple[str, ...] = PLAIN, **options: Any) -> Learner:
    own = {"bits": 12, "k": 4, "item": ["item", "category"], **options}
    model = Model(name="m", learner="ranker", features=names, label=Label(field="y"), options=own)
    return make(model, Space.of(FEATURES, names))


def batch(users: I64, items: I64, labels: Any) -> Batch:
    """Return examples whose slots are small numbers: users from 0, items from 1,000, their category 2,000 or 2,001."""
    n = len(users)
    slot = np.stack([users, 1_000 + items, 2_000 + items % 2], axis=1).astype(np.uint32)
    field = np.tile(np.arange(3, dtype=np.uint16), n)
    pointers = (3 * np.arange(n + 1)).astype(np.int32)
    rest = (np.zeros((n, 0)), np.asarray(labels, np.float64), np.ones(n), np.zeros(n, np.int64))
    lots = np.random.default_rng(5).integers(1 << 32, size=n, dtype=np.uint32)
    return Batch(pointers, slot.ravel(), np.ones(3 * n, np.float32), field, *rest, lot=lots)


def against(one: Batch, slots: list[list[int]], correction: list[float], own: float = 0.0) -> Batch:
    """Return one example with these items drawn for it."""
    pointers = np.cumsum([0, *map(len, slots)]).astype(np.int32)
    entries = np.array([slot for each in slots for slot in each], np.uint32)
    start = np.array([0, len(slots)], np.int32)
    nothing = np.full(1, np.nan)
    own_of = np.array([own])
    return replace(
        one,
        unshown=Unshown(
            start, pointers, entries, np.array(correction), own_of, nothing, nothing.copy(), nothing.copy()
        ),
    )


def one() -> Batch:
    return batch(np.array([1]), np.array([3]), [1.0])


def table(model: Learner, rows: dict[int, list[float]]) -> dict[str, Any]:
    """Return a state in which these slots have a bias and a vector, and squared gradients of 1."""
    state = model.init()
    for slot, values in rows.items():
        state["table"][slot] = [1.0, 1.0, *values]
    return state


ROWS = {1: [0.5, 1.0, 2.0], 1_003: [0.25, 1.0, 0.5], 2_001: [0.0, 0.0, 0.5], 1_004: [-0.5, 2.0, 0.0]}


def test_the_score_is_biases_and_the_product_of_the_sums() -> None:
    model = ranker(k=2)
    state = table(model, ROWS)
    assert model.score(state, one()).tolist() == [0.5 + 0.25 + 1.0 * 1.0 + 2.0 * (0.5 + 0.5)]


def test_a_step_against_unshown_items_by_hand() -> None:
    model = ranker(k=2, shown=0.0, rate=0.1)
    state = table(model, ROWS)
    drawn = against(one(), [[1_004]], [1.0], own=0.5)
    score, other = 3.75, 0.5 - 0.5 + 2.0
    assert model.learn(state, drawn).tolist() == [score]
    assert drawn.unshown is not None
    assert drawn.unshown.outscored.tolist() == [1.0]
    gradient = 1.0 / (1.0 + np.exp(score + 0.5 - other - 1.0))
    root = np.sqrt(1.0 + gradient**2)
    assert state["table"][1_003, 2] == pytest.approx(0.25 + 0.1 * gradient / root)
    assert state["table"][1_004, 2] == pytest.approx(-0.5 - 0.1 * gradient / root)
    assert state["table"][1, 2] == 0.5
    apart = np.array([1.0 - 2.0, 1.0])
    step = 0.1 * gradient * apart / np.sqrt(1.0 + gradient**2 * np.mean(apart**2))
    assert state["table"][1, 3:] == pytest.approx(np.array([1.0, 2.0]) + step)


def test_a_correction_is_for_learning_not_for_scores() -> None:
    model = ranker(k=2)
    frozen = model.freeze(table(model, ROWS))
    scores = [model.predict(frozen, against(one(), [[1_004]], [c], own=o))[0] for c, o in ((0.0, 0.0), (9.0, -3.0))]
    assert scores[0] == scores[1]
    drawn = against(one(), [[1_004], [1_003, 2_001]], [50.0, 50.0])
    model.predict(frozen, drawn)
    assert drawn.unshown is not None
    assert drawn.unshown.outscored.tolist() == [0.75]


def test_a_logistic_step_is_taken_back_by_its_negative() -> None:
    model = ranker(k=2, rate=1e-3)
    state = table(model, ROWS)
    before = state["table"].copy()
    forth = replace(one(), label=np.zeros(1))
    model.learn(state, forth)
    moved = np.abs(state["table"][:, 2:] - before[:, 2:]).max()
    model.learn(state, replace(forth, weight=-forth.weight))
    left = np.abs(state["table"][:, 2:] - before[:, 2:]).max()
    assert left < 0.5 * moved


def test_without_shown_and_without_unshown_nothing_is_learned() -> None:
    model = ranker(shown=0.0)
    state = model.init()
    model.learn(state, one())
    assert not any(array.any() for array in state.values())


def test_users_come_to_rank_what_they_choose_above_what_they_do_not() -> None:
    draw = np.random.default_rng(1)
    n = 20_000
    users, items = draw.integers(50, size=n), draw.integers(40, size=n)
    labels = (users % 2 == items % 2) & (draw.random(n) < 0.5)
    examples = batch(users, items, labels)
    for shown in (0.0, 1.0):
        model = ranker(shown=shown)
        held = UnshownItems(Rules(count=4, size=1_024), model.space, model.items, 1)
        state, drawn = model.init(), replace(examples, unshown=held.draw(examples))
        model.learn(state, drawn)
        assert drawn.unshown is not None
        assert np.nanmean(drawn.unshown.outscored[n // 2 :]) > 0.65
        # A user of the first kind with an item of either category, none of them ever seen.
        kinds = model.score(state, batch(np.array([2, 2]), np.array([100, 101]), [0.0, 0.0]))
        assert kinds[0] > kinds[1]


def test_a_cross_of_the_items_own_features_is_the_items() -> None:
    names = (*PLAIN, "both")
    assert ranker(names, item=["item", "category", "both"]).items == ("item", "category", "both")
    with pytest.raises(ConfigurationError, match="cross 'both'"):
        ranker(names)


@pytest.mark.parametrize(
    ("names", "options", "expected"),
    [
        ((*PLAIN, "mixed"), {}, "cross 'mixed' of a ranker has parts of the item's"),
        (PLAIN, {"item": ["itm"]}, "it has: user, item, category"),
        (PLAIN, {"item": ["item", "item"]}, "once each"),
        (("user",), {"item": []}, "it has: user"),
    ],
)
def test_what_cannot_be_ranked_is_refused(names: tuple[str, ...], options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        ranker(names, **options)
    assert expected in str(error.value)
