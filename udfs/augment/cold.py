"""Generated examples for what is new: some examples are learned once more as if nothing had been known of their item.

Volkovs, Yu and Poutanen (2017), "DropoutNet: addressing cold start in recommender systems", NIPS: a model that is
trained with and without an item's own features learns to predict from the rest of them, the category say, where an item
is new. Copies are drawn from all examples alike, whatever their label, so that calibration keeps.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.augment.rows import Reduced, Rows, copied
from udfs.features import Batch, Space
from udfs.jit import kernel
from udfs.schema import Cold, Cross
from udfs.training.chance import salted, share
from udfs.types import F64, U32, Bool

_PURPOSE: Final = 2


class ColdCopies:
    """Adds copies without the features that name an item, and without the crosses that these are part of."""

    def __init__(self, rules: Cold, space: Space, seed: int) -> None:
        self._rules, self._salt = rules, salted(seed, _PURPOSE)
        kinds = space.features.features
        parts = {name: (name, *kind.of) if isinstance(kind, Cross) else (name,) for name, kind in kinds.items()}
        self._kept: Bool = np.array([not set(parts[name]) & set(rules.features) for name in space.hashed], np.bool_)

    def rows(self, batch: Batch) -> Rows:
        """Return every example, and behind some of them a copy that is learned too."""
        copied_too = np.zeros(len(batch), np.bool_)
        _choose(batch.lot, batch.weight, self._rules.rate, self._salt, copied_too)
        copies = 1 + copied_too.astype(np.int64)
        source = np.repeat(np.arange(len(batch)), copies)
        place = np.cumsum(copies) - copies
        cold = np.zeros(len(source), np.bool_)
        cold[place[copied_too] + 1] = True
        weight = batch.weight[source] * np.where(cold, self._rules.weight, 1.0)
        reduced = Reduced(self._kept[batch.field], batch.dense)
        return Rows(copied(batch, source, weight, cold, reduced), place)


@kernel
def _choose(lot: U32, weight: F64, rate: float, salt: int, out: Bool) -> None:
    for i in range(len(weight)):
        out[i] = abs(weight[i]) > 0.0 and share(lot[i], salt) < rate
