"""Feature dropout: an example is learned without some of its features, and scored with all of them.

Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, of the inputs;
Wager, Wang and Liang (2013), "Dropout training as adaptive regularization", NIPS, for linear models. What is dropped is
a pure function of the example's lot and the feature. Nothing is scaled up for it: a feature that is missing contributes
nothing, here as in a released model.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.augment.rows import Reduced, Rows, copied
from udfs.features import Batch, Space
from udfs.jit import kernel
from udfs.schema import Dropout
from udfs.training.chance import salted, share
from udfs.types import F64, I32, I64, U16, U32, Bool

_FIRST_PURPOSE: Final = 1 << 8
"""Purposes from here on are one for each feature of a model."""


class FeatureDropout:
    """Drops features, each with the same probability and by itself; an example of weight 0 is left alone.

    One of negative weight takes back what was learned of its event, so it loses what that lost.
    """

    def __init__(self, rules: Dropout, space: Space, seed: int) -> None:
        self._rate = rules.rate
        salts = {name: salted(seed, _FIRST_PURPOSE + i) for i, name in enumerate(space.names)}
        names = rules.features or space.names
        self._salts: I64 = np.array([salts[name] if name in names else -1 for name in space.hashed], np.int64)
        dense = [(column, salts[name]) for name in space.dense if name in names for column in space.columns(name)]
        self._dense: I64 = np.array(dense, np.int64).reshape(-1, 2)

    def rows(self, batch: Batch) -> Rows:
        """Return for each example that loses something a row that scores it and, behind it, one that is learned."""
        keeps, lacking, dense = np.ones(len(batch.slot), np.bool_), np.zeros(len(batch), np.bool_), batch.dense.copy()
        which = (batch.indptr, batch.field, batch.lot, batch.weight)
        _drop(*which, self._rate, self._salts, self._dense, keeps, dense, lacking)
        copies = 1 + lacking.astype(np.int64)
        source = np.repeat(np.arange(len(batch)), copies)
        place = np.cumsum(copies) - copies
        learned = np.zeros(len(source), np.bool_)
        learned[place[lacking] + 1] = True
        weight = np.where(lacking[source] & ~learned, 0.0, batch.weight[source])
        return Rows(copied(batch, source, weight, learned, Reduced(keeps, dense)), place)


@kernel
def _drop(
    indptr: I32,
    field: U16,
    lot: U32,
    weight: F64,
    rate: float,
    salts: I64,
    columns: I64,
    keeps: Bool,
    dense: F64,
    lacking: Bool,
) -> None:
    for i in range(len(weight)):
        if not abs(weight[i]) > 0.0:
            continue
        for e in range(indptr[i], indptr[i + 1]):
            salt = salts[field[e]]
            if salt >= 0 and share(lot[i], salt) < rate:
                keeps[e] = False
                lacking[i] = True
        for k in range(len(columns)):
            if not np.isnan(dense[i, columns[k, 0]]) and share(lot[i], columns[k, 1]) < rate:
                dense[i, columns[k, 0]] = np.nan
                lacking[i] = True
