from __future__ import annotations

import numpy as np

from udfs.features import Space
from udfs.features.rows import batch_of_rows
from udfs.features.values import hashes
from udfs.schema import Categorical, Cross, FeatureSet, Number, Tokens, Vector


def test_rows_become_what_features_define() -> None:
    features = FeatureSet(
        seed=3,
        features={
            "item": Categorical(field="item"),
            "words": Tokens(field="query"),
            "both": Cross(of=("item", "item")),
            "price": Number(field="price", log=True),
            "picture": Vector(field="picture", length=2),
        },
    )
    space = Space.of(features, ("item", "words", "both", "price", "picture"))
    rows = [
        {"timestamp": 5, "item": "a", "query": "red red shoe", "price": -3.0, "picture": [1.0, 2.0]},
        {"timestamp": 7, "query": ""},
    ]
    batch = batch_of_rows(space, rows)
    expected = [h for name in space.hashed for h in hashes(features, name, rows[0], 5)]
    assert batch.slot.tolist() == expected
    assert batch.indptr.tolist() == [0, 5, 5]
    assert batch.field.tolist() == [0, 1, 1, 1, 2]
    assert np.allclose(batch.dense[0], [-np.log(4.0), 1.0, 2.0])
    assert np.isnan(batch.dense[1]).all()
    assert batch.time.tolist() == [5, 7]
    assert not batch.weight.any()
