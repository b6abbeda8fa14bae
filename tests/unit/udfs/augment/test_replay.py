from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tests.laws.strategies_examples import SPACE
from tests.unit.udfs.augment.examples import examples, row, scored, whole
from udfs.augment.replay import LONGEST, PositiveReplay
from udfs.errors import StateError
from udfs.features import Batch
from udfs.schema import Replay

N = 3_000
RULES = Replay(size=50, share=0.4, times=2)


def replay(rules: Replay = RULES) -> PositiveReplay:
    return PositiveReplay(rules, SPACE, 1)


def positives(batch: Batch) -> int:
    return int(((batch.label > 0.5) & (batch.weight > 0.0)).sum())


def test_scored_are_the_examples_and_replayed_are_earlier_positives() -> None:
    batch = examples(1, N)
    rows = replay().rows(batch)
    assert scored(rows) == whole(batch)
    known = {str({**row(batch, i), "weight": None}): i for i in range(N) if batch.label[i] > 0.5}
    replayed = sorted(set(range(len(rows.batch))) - set(rows.place.tolist()))
    assert len(replayed) == (positives(batch) - 1) * RULES.times
    for place in replayed:
        found = row(rows.batch, place)
        origin = known[str({**found, "weight": None})]
        assert rows.place[origin] < place
        assert found["weight"] == pytest.approx(batch.weight[origin] * RULES.share / RULES.times)


def test_as_much_weight_is_learned_as_came() -> None:
    batch = examples(2, 20_000)
    rows = replay(Replay(size=100)).rows(batch)
    for label in (0.0, 1.0):
        learned, came = (each.weight[each.label == label].sum() for each in (rows.batch, batch))
        assert learned == pytest.approx(came, rel=0.01)


def test_a_full_reservoir_forgets() -> None:
    batch = replace(examples(3, N), label=np.ones(N), weight=np.ones(N))
    held = replay()
    held.rows(batch)
    state = held.dump()
    assert state["stored"].tolist() == [50]
    stored = {tuple(state["slot"][i, : state["length"][i]].tolist()) for i in range(50)}
    early = {tuple(batch.slot[batch.indptr[i] : batch.indptr[i + 1]].tolist()) for i in range(N - 1_000)}
    assert len(stored - early) > 40


def test_positives_that_are_too_long_are_learned_as_they_are() -> None:
    one = examples(4, 1)
    long = replace(
        one,
        indptr=np.array([0, LONGEST + 1], np.int32),
        slot=np.arange(LONGEST + 1, dtype=np.uint32),
        value=np.ones(LONGEST + 1, np.float32),
        field=np.zeros(LONGEST + 1, np.uint16),
        label=np.ones(1),
        weight=np.ones(1),
    )
    held = replay()
    for _ in range(3):
        rows = held.rows(long)
        assert (len(rows.batch), rows.batch.weight.tolist()) == (1, [1.0])
    assert held.dump()["stored"].tolist() == [0]


@pytest.mark.parametrize("cuts", [[1], [500, 501, 2_000]])
def test_any_cutting_and_any_restore_gives_the_same(cuts: list[int]) -> None:
    batch = examples(5, N)
    whole_run = replay()
    expected = whole_run.rows(batch).batch
    held, made = replay(), []
    for start, stop in itertools.pairwise([0, *cuts, N]):
        made.append(held.rows(batch.slice(start, stop)).batch)
        restored = replay()
        restored.load({name: array.copy() for name, array in held.dump().items()})
        held = restored
    for name in ("slot", "value", "field", "dense", "label", "weight", "time", "lot"):
        together = np.concatenate([getattr(part, name) for part in made])
        assert together.tobytes() == getattr(expected, name).tobytes()
    dumps = [{name: array.tobytes() for name, array in each.dump().items()} for each in (held, whole_run)]
    assert dumps[0] == dumps[1]


def test_a_state_of_another_size_is_refused() -> None:
    with pytest.raises(StateError, match="reservoir"):
        replay().load(replay(Replay(size=51)).dump())
