from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.laws.strategies_examples import SPACE, learner
from tests.unit.udfs.augment.examples import examples, scored, whole
from udfs.augment.augmenter import Augmenter
from udfs.schema import Augment, Cold, Dropout, Replay

ALL = Augment(
    replay=Replay(size=20), cold=Cold(features=("item",), rate=0.3), dropout=Dropout(rate=0.2, features=("user", "age"))
)


def test_without_rules_it_is_off() -> None:
    augmenter, batch = Augmenter(Augment(), SPACE, 1), examples(1, 20)
    assert not augmenter
    assert augmenter.rows(batch).batch is batch
    assert augmenter.dump() == {}


def test_all_of_them_together_still_score_every_example_as_it_is() -> None:
    augmenter, batch = Augmenter(ALL, SPACE, 1), examples(2, 500)
    assert augmenter
    rows = augmenter.rows(batch)
    assert len(rows.batch) > 800
    assert scored(rows) == whole(batch)


def test_scores_are_of_the_model_as_it_was_before_the_example() -> None:
    batch, model = examples(3, 200), learner("ftrl")
    rows = Augmenter(ALL, SPACE, 1).rows(batch)
    state = model.init()
    scores = model.learn(state, rows.batch)[rows.place]
    replayed, at = model.init(), 0
    for i, place in enumerate(rows.place.tolist()):
        model.learn(replayed, rows.batch.slice(at, place))
        np.testing.assert_allclose(scores[i], model.score(replayed, batch.slice(i, i + 1))[0], rtol=1e-5)
        at = place


def test_the_replay_is_its_state() -> None:
    one, other = Augmenter(ALL, SPACE, 1), Augmenter(ALL, SPACE, 1)
    one.rows(examples(4, 300))
    other.load(one.dump())
    expected = one.rows(examples(5, 50)).batch
    assert other.rows(examples(5, 50)).batch.slot.tobytes() == expected.slot.tobytes()


def test_a_step_back_undoes_what_was_learned_and_late_shares_go_along() -> None:
    batch = replace(examples(6, 300), weight=np.ones(300), label=np.zeros(300), late=np.arange(300.0))
    back = replace(batch, weight=-batch.weight)
    taken, undone = (Augmenter(ALL, SPACE, 1).rows(each).batch for each in (batch, back))
    assert len(taken) > len(batch)
    assert undone.weight.tolist() == (-taken.weight).tolist()
    assert undone.slot.tobytes() == taken.slot.tobytes()
    rows = Augmenter(ALL, SPACE, 1).rows(batch)
    assert rows.batch.late is not None
    assert rows.batch.late[rows.place].tolist() == list(range(300))
