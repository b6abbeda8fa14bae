from __future__ import annotations

import numpy as np
import pytest

from tests.laws.strategies_examples import SPACE
from tests.unit.udfs.augment.examples import examples, row, scored, whole
from udfs.augment.dropout import FeatureDropout
from udfs.features import Batch
from udfs.schema import Dropout
from udfs.types import F64, I64

N = 2_000


def test_scored_is_the_whole_example_and_learned_what_is_left() -> None:
    batch = examples(1, N)
    rows = FeatureDropout(Dropout(rate=0.3), SPACE, 1).rows(batch)
    assert scored(rows) == whole(batch)
    for i, place in enumerate(rows.place.tolist()):
        last = rows.place[i + 1] if i + 1 < N else len(rows.batch)
        scoring, learned = row(rows.batch, place), row(rows.batch, int(last) - 1)
        assert learned["weight"] == batch.weight[i]
        if last - place == 1:
            continue
        assert last - place == 2
        assert scoring["weight"] == 0.0
        assert set(learned["entries"]) <= set(scoring["entries"])
        assert (learned["entries"], learned["dense"]) != (scoring["entries"], scoring["dense"])
        assert all(less in ("", more) for less, more in zip(learned["dense"], scoring["dense"], strict=True))


def test_a_feature_is_dropped_as_a_whole_at_its_rate() -> None:
    batch = examples(2, N)
    rows = FeatureDropout(Dropout(rate=0.3), SPACE, 1).rows(batch)
    learned = np.append(rows.place[1:], len(rows.batch)) - 1
    weighed = np.flatnonzero(batch.weight > 0.0)
    for field in range(len(SPACE.hashed)):
        before, after = (counts(made, field, at) for made, at in ((batch, weighed), (rows.batch, learned[weighed])))
        assert set((after[before > 0] / before[before > 0]).tolist()) == {0.0, 1.0}
        assert (after[before > 0] == 0).mean() == pytest.approx(0.3, abs=0.05)
    image = list(SPACE.columns("image"))
    missing = np.isnan(rows.batch.dense[learned[weighed]]) & ~np.isnan(batch.dense[weighed])
    assert missing[:, image[0]].mean() == pytest.approx(0.3 * 0.8, abs=0.05)
    present = ~np.isnan(batch.dense[weighed][:, image]).any(axis=1)
    assert (missing[present, image[0]] == missing[present, image[1]]).all()


def counts(batch: Batch, field: int, at: I64) -> F64:
    """Return how many entries of a field each of some rows has."""
    rows = np.repeat(np.arange(len(batch)), np.diff(batch.indptr))
    return np.bincount(rows[batch.field == field], minlength=len(batch))[at].astype(np.float64)


def test_only_what_is_named_is_dropped() -> None:
    batch = examples(3, N)
    rows = FeatureDropout(Dropout(rate=0.5, features=("item",)), SPACE, 1).rows(batch)
    assert len(rows.batch) > N
    assert np.isnan(rows.batch.dense).mean() == pytest.approx(np.isnan(batch.dense).mean(), abs=0.05)
    for i, place in enumerate(rows.place.tolist()):
        last = rows.place[i + 1] if i + 1 < N else len(rows.batch)
        lost = set(row(rows.batch, place)["entries"]) - set(row(rows.batch, int(last) - 1)["entries"])
        assert {field for field, _ in lost} <= {SPACE.hashed.index("item")}


def test_the_seed_decides_which() -> None:
    batch = examples(4, 50)
    places = [FeatureDropout(Dropout(rate=0.3), SPACE, seed).rows(batch).place.tolist() for seed in (1, 1, 2)]
    assert places[0] == places[1] != places[2]
