from __future__ import annotations

import numpy as np
import pytest

from tests.laws.strategies_examples import SPACE
from tests.unit.udfs.augment.examples import examples, row, scored, whole
from udfs.augment.cold import ColdCopies
from udfs.features import Space
from udfs.schema import Categorical, Cold, Cross, Feature, FeatureSet

N = 2_000
ITEM = SPACE.hashed.index("item")


def test_copies_lack_the_item_and_nothing_else() -> None:
    batch = examples(1, N)
    rows = ColdCopies(Cold(features=("item",), rate=0.2, weight=0.5), SPACE, 1).rows(batch)
    assert scored(rows) == whole(batch)
    assert rows.batch.weight[rows.place].tolist() == batch.weight.tolist()
    copies = sorted(set(range(len(rows.batch))) - set(rows.place.tolist()))
    assert len(copies) / (batch.weight > 0.0).sum() == pytest.approx(0.2, abs=0.03)
    for place in copies:
        original, copy = row(rows.batch, place - 1), row(rows.batch, place)
        left = [entry for entry in original["entries"] if entry[0] != ITEM]
        assert copy == {**original, "entries": left, "weight": original["weight"] / 2}


def test_copies_are_drawn_whatever_their_label() -> None:
    batch = examples(2, 20_000)
    rows = ColdCopies(Cold(features=("item",), rate=0.3), SPACE, 1).rows(batch)
    weighed = batch.weight > 0.0
    copies = np.setdiff1d(np.arange(len(rows.batch)), rows.place)
    assert rows.batch.label[copies].mean() == pytest.approx(batch.label[weighed].mean(), abs=0.02)


def test_crosses_of_the_item_go_with_it() -> None:
    features: dict[str, Feature] = {
        "item": Categorical(field="item"),
        "shop": Categorical(field="shop"),
        "both": Cross(of=("shop", "item")),
    }
    space = Space.of(FeatureSet(seed=1, features=features), ("item", "shop", "both"))
    batch = examples(3, 50)
    kept = ColdCopies(Cold(features=("item",), rate=1.0), space, 1).rows(batch)
    copies = np.setdiff1d(np.arange(len(kept.batch)), kept.place)
    fields = {field for place in copies.tolist() for field, _ in row(kept.batch, place)["entries"]}
    assert fields == {space.hashed.index("shop")}
