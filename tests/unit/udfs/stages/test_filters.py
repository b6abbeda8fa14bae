"""What filters take out is counted and, where asked for, kept as dead letters; cutting and restoring change nothing."""

from __future__ import annotations

import itertools
import json
from typing import Any

import jsonschema
import numpy as np
import pytest

from benchmarks.quality.traffic import Traffic
from tests.unit.udfs.stages.shop_examples import frame_of, layout_of, plan_of
from udfs.frames import Frame
from udfs.releases import schemas
from udfs.schema import ModelAnomalies, NumberRules, StrangeRules
from udfs.schema.guards import Action
from udfs.stages.examples_queue import to_keep
from udfs.stages.filters import Filters

VALID = jsonschema.Draft202012Validator(schemas.load("dead_letter"))
(EXAMPLES,) = Traffic().chunks(12_000, size=12_000)
WRONG = [5_000, 7_000, 7_001, 11_999]
NUMBERS = NumberRules(field="price", by="feature_4")
STRANGE = StrangeRules(learn=2_000, rate=0.01)


def frame(wrong: bool = True) -> Frame:
    """Return examples of which some have a price that is ten thousand times too high, or too low."""
    found = to_keep(frame_of(EXAMPLES), True)
    number = found.columns["number"].copy()
    if wrong:
        number[WRONG, 0] *= [1e4, 1e4, 1e-4, 1e4]
    return Frame(found.kind, found.n, found.meta, {**found.columns, "number": number}, found.ragged)


def filters_of(*numbers: NumberRules, strange: StrangeRules | None = None) -> Filters:
    layout = layout_of(plan_of(anomalies=ModelAnomalies(numbers=numbers, strange=strange)))
    return Filters(layout, layout.models[0], "train")


def rules(action: Action, **given: Any) -> NumberRules:
    return NumberRules(field="price", by="feature_4", action=action, **given)


def test_without_rules_examples_pass_as_they_are() -> None:
    given = frame()
    filters = filters_of()
    assert filters.apply(given, 1) == (given, [])
    assert filters.apply(given, 1)[0] is given
    assert (filters.counts, filters.identified) == ({}, False)


def test_dropped_outliers_are_counted() -> None:
    filters = filters_of(rules("drop"))
    left, letters = filters.apply(frame(), 1)
    assert sorted(set(range(12_000)) - set(left.columns["offset"].tolist())) == WRONG
    assert filters.counts == {"price.low": 1, "price.high": 3}
    assert letters == []
    assert not filters.identified


def test_quarantined_outliers_are_dead_letters() -> None:
    filters = filters_of(rules("quarantine"))
    left, letters = filters.apply(frame(), 1_700_000_000_000_000)
    assert left.n == 12_000 - len(WRONG)
    assert filters.identified
    documents = [json.loads(letter) for letter in letters]
    for document in documents:
        VALID.validate(document)
    assert [document["source"]["offset"] for document in documents] == WRONG
    assert [document["message"].partition(" ")[0] for document in documents] == [
        *("price.high", "price.high", "price.low", "price.high")
    ]
    (reason,) = {document["reason"] for document in documents}
    assert (reason, documents[0]["step"], documents[0]["encoding"]) == ("outlier", "train", "canonical")
    assert json.loads(documents[0]["payload"])["number"][0] == frame().columns["number"][5_000, 0]


def test_capped_outliers_have_less_weight() -> None:
    given = frame()
    left, letters = filters_of(rules("cap", cap=0.25)).apply(given, 1)
    assert np.flatnonzero(left.columns["weight"] == 0.25).tolist() == WRONG
    assert (left.columns["weight"] == 1.0).sum() == 12_000 - len(WRONG)
    assert letters == []
    assert (given.columns["weight"] == 1.0).all()


def test_categories_have_a_median_of_their_own() -> None:
    given = frame(wrong=False)
    cheap = given.columns["single"][:, 1] == 0
    assert 3 < cheap.sum() < 30
    number = given.columns["number"].copy()
    number[cheap, 0] = 1e-6
    given = Frame(given.kind, given.n, given.meta, {**given.columns, "number": number}, given.ragged)
    by, all_alike = (filters_of(NumberRules(field="price", by=by, action="drop")) for by in ("feature_1", None))
    assert by.apply(given, 1)[0].n == given.n
    assert all_alike.apply(given, 1)[0].n == given.n - cheap.sum()


def test_strange_examples_are_found_and_outliers_do_not_reach_them() -> None:
    filters = filters_of(rules("drop"), strange=STRANGE)
    left, letters = filters.apply(frame(), 1)
    assert filters.counts["strange"] == len(letters) > 20
    assert left.n == 12_000 - len(WRONG) - len(letters)
    assert {json.loads(letter)["reason"] for letter in letters} == {"strange_example"}
    offsets = {json.loads(letter)["source"]["offset"] for letter in letters}
    assert not offsets & set(WRONG)


@pytest.mark.parametrize("size", [1_000, 333])
def test_any_cutting_and_any_restore_is_the_same(size: int) -> None:
    plain = filters_of(NUMBERS, strange=STRANGE)
    left, letters = plain.apply(frame(), 1)
    cut, kept, sent = filters_of(NUMBERS, strange=STRANGE), [], []
    for start, stop in itertools.pairwise([*range(0, 12_000, size), 12_000]):
        meta, parts = cut.dump()
        parts = [bytes(part) for part in parts]
        cut = filters_of(NUMBERS, strange=STRANGE)
        cut.load(meta, parts)
        piece, said = cut.apply(frame().slice(start, stop), 1)
        kept += piece.columns["offset"].tolist()
        sent += said
    assert kept == left.columns["offset"].tolist()
    assert sent == letters
    assert (cut.dump()[0], [*map(bytes, cut.dump()[1])]) == (plain.dump()[0], [*map(bytes, plain.dump()[1])])


def test_a_filter_of_other_rules_starts_anew_and_the_others_go_on() -> None:
    filters = filters_of(NUMBERS, strange=STRANGE)
    filters.apply(frame(), 1)
    meta, parts = filters.dump()
    changed = filters_of(NumberRules(field="price", by="feature_3"), NumberRules(field="stock"), strange=STRANGE)
    changed.load(meta, parts)
    assert changed.counts == {**filters.counts, "stock.low": 0, "stock.high": 0}
    fresh = filters_of(NumberRules(field="price", by="feature_3"), NumberRules(field="stock"), strange=STRANGE)
    mine, new = ([*map(bytes, one.dump()[1])] for one in (changed, fresh))
    assert mine[:8] == new[:8]
    assert mine[8:] == [*map(bytes, parts)][4:] != new[8:]
