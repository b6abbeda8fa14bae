from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.laws.strategies_examples import SPACE, batch
from udfs.frames import Frame, Kind
from udfs.learners import make
from udfs.schema import Augment, Cold, Drift, Dropout, Label, Learns, Model, Negatives, Replay, Unshown
from udfs.training.chance import LOT
from udfs.training.trainer import Trainer
from udfs.types import F64

N = 600
LOTS = np.random.default_rng(3).integers(1 << 32, size=N, dtype=np.uint32)
TIME = np.arange(1_000, 1_000 + N)


def model(**options: Any) -> Model:
    return Model(name="m", learner="ftrl", features=SPACE.names, label=Label(field="y"), options={"bits": 5}, **options)


def trained(described: Model, cuts: list[int]) -> tuple[F64, dict[str, bytes], dict[str, Any]]:
    """Train on examples in parts, each by a trainer restored from the state before."""
    learner, whole = make(described, SPACE), replace(batch(1, N), lot=LOTS, time=TIME)
    trainer, states, scores = Trainer(described, learner), {"": learner.init()}, []
    for start, stop in itertools.pairwise([0, *sorted(cuts), N]):
        scores.append(trainer.learn(states, "", trainer.drawn(whole.slice(start, stop)), start))
        restored = Trainer(described, learner)
        restored.load({name: array.copy() for name, array in trainer.dump().items()})
        trainer = restored
    dumped = {name: array.tobytes() for name, array in (trainer.dump() | states[""]).items()}
    return np.concatenate(scores), dumped, trainer.report()


SENSITIVE = Drift(warmup=50, detector="page_hinkley", tolerance=0.0, threshold=3.0)
DESCRIBED = {
    "plain": model(),
    "augmented": model(
        augment=Augment(replay=Replay(size=9), cold=Cold(features=("item",), rate=0.3), dropout=Dropout(rate=0.2)),
        negatives=Negatives(keep=0.5, correct="weight"),
    ),
    "sampled": model(negatives=Negatives(keep=0.5, correct="log_odds"), drift=SENSITIVE),
    "watched": model(drift=msgspec.structs.replace(SENSITIVE, features=("price", "age"))),
    "decaying": model(drift=msgspec.structs.replace(SENSITIVE, decay=0.5, every=30, rest=60)),
}
DESCRIBED["ranked"] = msgspec.structs.replace(
    model(augment=Augment(unshown=Unshown(by="popularity", size=50))), learner="ranker"
)
WINDOW = Learns(since=int(TIME[100]), until=int(TIME[400]))
WINDOWED = {name: msgspec.structs.replace(described, learns=WINDOW) for name, described in DESCRIBED.items()}
each = pytest.mark.parametrize("name", DESCRIBED)


@each
@pytest.mark.parametrize("models", [DESCRIBED, WINDOWED], ids=["always", "in a window"])
def test_any_cutting_and_any_restore_gives_the_same(name: str, models: dict[str, Model]) -> None:
    scores, state, report = trained(models[name], [])
    for cuts in ([1], [100, 350], [10, 20, 20, 599]):
        found = trained(models[name], cuts)
        assert found[0].tobytes() == scores.tobytes()
        assert found[1:] == (state, report)


@pytest.mark.parametrize("name", ["plain", "augmented", "sampled"])
def test_outside_of_its_window_a_model_only_scores(name: str) -> None:
    learner, whole = make(DESCRIBED[name], SPACE), replace(batch(1, N), lot=LOTS, time=TIME)
    trainers = Trainer(DESCRIBED[name], learner), Trainer(WINDOWED[name], learner)
    states = {"": learner.init()}, {"": learner.init()}
    inside = whole.slice(100, 400)
    expected = [
        learner.score(learner.init(), whole.slice(0, 100)),
        trainers[0].learn(states[0], "", inside, 0),
        learner.score(states[0][""], whole.slice(400, N)),
    ]
    scores = trainers[1].learn(states[1], "", whole, 0)
    np.testing.assert_allclose(scores, np.concatenate(expected), rtol=1e-6, atol=1e-6)
    dumped = [{key: array.tobytes() for key, array in state[""].items()} for state in states]
    assert dumped[0] == dumped[1]
    kept = [{key: array.tobytes() for key, array in trainer.dump().items()} for trainer in trainers]
    differ = {key for key in kept[0] if kept[0][key] != kept[1][key]}
    assert differ <= {"outside", "counts", *(key for key in kept[0] if key.startswith("drift."))}
    assert trainers[1].report()["not_learned"] == N - 300
    assert [trainers[1].learns(whole.time[at : at + 50]) for at in (50, 70, 350, 400)] == [False, True, True, False]


def test_outside_of_its_window_a_model_is_watched_and_does_not_decay() -> None:
    _, _, report = trained(WINDOWED["decaying"], [])
    _, _, watched = trained(WINDOWED["watched"], [])
    inside = range(int(WINDOW.since or 0), int(WINDOW.until or 0))
    late = [change for change in report["drift"]["loss"]["log"] if change["event_time"] not in inside]
    assert any(change["rose"] for change in late)
    assert 1 <= report["drift"]["loss"]["decays"] <= 300 // 60
    assert watched["not_learned"] == report["not_learned"] == N - 300
    never = msgspec.structs.replace(DESCRIBED["decaying"], learns=Learns(until=int(TIME[0])))
    scores, _, told = trained(never, [])
    assert told["drift"]["loss"]["decays"] == 0
    assert set(scores.tolist()) == {0.5}


def test_a_state_of_before_there_were_windows_has_counted_nothing() -> None:
    learner = make(model(), SPACE)
    old = {name: array for name, array in Trainer(model(), learner).dump().items() if name != "outside"}
    new = Trainer(model(learns=WINDOW), learner)
    new.load(old)
    assert new.report() == {"not_learned": 0}


def test_watching_changes_nothing_of_the_model() -> None:
    plain, watched = trained(DESCRIBED["plain"], []), trained(DESCRIBED["watched"], [])
    assert plain[0].tobytes() == watched[0].tobytes()
    assert plain[1].items() < watched[1].items()
    assert plain[2] == {}
    assert list(watched[2]["drift"]) == ["loss", "features.price", "features.age"]


def test_a_change_for_the_worse_lets_the_model_decay_at_most_once_in_a_while() -> None:
    scores, _, report = trained(DESCRIBED["decaying"], [])
    plain, _, watched = trained(DESCRIBED["watched"], [])
    assert [told["decays"] for told in watched["drift"].values()] == [0, 0, 0]
    assert 2 <= report["drift"]["loss"]["decays"] <= min(N // 60, report["drift"]["loss"]["rises"])
    first = next(change["examples"] for change in watched["drift"]["loss"]["log"] if change["rose"])
    decision = -(-first // 30) * 30
    assert scores[:decision].tobytes() == plain[:decision].tobytes()
    assert not np.array_equal(scores[decision : decision + 30], plain[decision : decision + 30])


def test_detectors_of_other_rules_begin_anew() -> None:
    learner, examples = make(model(), SPACE), batch(1, N)
    old = Trainer(model(drift=Drift(warmup=100)), learner)
    old.learn({"": learner.init()}, "", examples, 0)
    assert old.report()["drift"]["loss"]["estimate"] is not None
    for rules, kept in ((Drift(warmup=100), True), (Drift(warmup=101), False)):
        new = Trainer(model(drift=rules), learner)
        new.load(old.dump())
        assert (new.report() == old.report()) is kept
    Trainer(model(), learner).load(old.dump())


def test_a_replay_of_another_size_begins_anew() -> None:
    learner, examples = make(model(), SPACE), replace(batch(1, N), lot=LOTS)
    old = Trainer(model(augment=Augment(replay=Replay(size=9))), learner)
    old.learn({"": learner.init()}, "", examples, 0)
    for size, stored in ((9, 9), (8, 0)):
        new = Trainer(model(augment=Augment(replay=Replay(size=size, share=0.1))), learner)
        new.load(old.dump())
        assert new.dump()["augment.state.stored"].tolist() == [stored]


def test_only_what_is_left_to_chance_needs_lots() -> None:
    frame = Frame(Kind.EXAMPLES, N, columns={LOT: LOTS})
    remembered = {name: set(Trainer(each, make(each, SPACE)).lots(frame)) for name, each in DESCRIBED.items()}
    none: dict[str, set[str]] = {"plain": set(), "watched": set(), "decaying": set()}
    assert remembered == {**none, "augmented": {LOT}, "sampled": {LOT}, "ranked": {LOT}}


def test_items_that_were_shown_are_kept_but_under_another_size_or_none() -> None:
    described = DESCRIBED["ranked"]
    old = Trainer(described, make(described, SPACE))
    old.drawn(replace(batch(1, N), lot=LOTS))
    shown = old.dump()["augment.unshown.state.counts"].tolist()
    assert min(shown) > 0
    for size, kept in ((50, shown), (51, [0, 0])):
        other = msgspec.structs.replace(described, augment=Augment(unshown=Unshown(by="uniform", size=size)))
        new = Trainer(other, make(other, SPACE))
        new.load(old.dump())
        assert new.dump()["augment.unshown.state.counts"].tolist() == kept
    plain = Trainer(DESCRIBED["plain"], make(DESCRIBED["plain"], SPACE))
    assert not [name for name in plain.dump() if name.startswith("augment")]


@pytest.mark.parametrize("cuts", [[1], [100, 350], [10, 20, 20, 599]])
def test_only_what_is_judged_is_watched_and_counted(cuts: list[int]) -> None:
    described, whole, judged = DESCRIBED["decaying"], batch(1, N), LOTS % 3 > 0
    learner, reports = make(described, SPACE), []
    for at in ([], cuts):
        trainer, states = Trainer(described, learner), {"": learner.init()}
        for start, stop in itertools.pairwise([0, *at, N]):
            first = int(judged[:start].sum())
            trainer.learn(states, "", whole.slice(start, stop), first, judged[start:stop])
        reports.append(trainer.report()["drift"]["loss"])
    assert reports[0] == reports[1]
    assert reports[0]["changes"] >= 1
    assert reports[0]["skipped"] == ((whole.weight == 0.0) & judged).sum()
    assert all(change["examples"] <= judged.sum() for change in reports[0]["log"])
