from __future__ import annotations

import numpy as np

from tests.unit.udfs.augment.examples import examples, row, whole
from udfs.augment.rows import Reduced, Rows, after, as_they_are, copied


def test_copies_are_whole_or_reduced() -> None:
    batch = examples(1, 6)
    keeps = batch.field != 2
    dense = np.full_like(batch.dense, 7.0)
    source, lacking = np.array([0, 3, 3, 5]), np.array([False, False, True, True])
    made = copied(batch, source, np.array([1.0, 2.0, 3.0, 4.0]), lacking, Reduced(keeps, dense))
    for i, (at, less) in enumerate(zip(source.tolist(), lacking.tolist(), strict=True)):
        expected = row(batch, at)
        if less:
            expected["entries"] = [entry for entry in expected["entries"] if entry[0] != 2]
            expected["dense"] = [7.0] * batch.dense.shape[1]
        assert row(made, i) == {**expected, "weight": i + 1.0}
    assert made.lot.tolist() == batch.lot[source].tolist()


def test_examples_as_they_are() -> None:
    batch = examples(2, 5)
    rows = as_they_are(batch)
    assert rows.batch is batch
    assert whole(batch) == [{**row(rows.batch, i), "weight": None} for i in rows.place]


def test_places_follow_through_both_steps() -> None:
    batch = examples(3, 2)
    first, second = Rows(batch, np.array([0, 2])), Rows(batch, np.array([1, 3, 4]))
    assert after(first, second).place.tolist() == [1, 4]
