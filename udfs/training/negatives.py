"""Down-sampling of negatives: a share of them is learned, all are scored.

He et al. (2014), "Practical lessons from predicting clicks on ads at Facebook", section 6.3. Which are kept is a pure
function of the event's id and the model's seed, so an impression is kept or not wherever and whenever it is learned.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.features import Batch
from udfs.jit import kernel
from udfs.schema import Negatives
from udfs.training.chance import salted, share
from udfs.types import F64, U32

_PURPOSE: Final = 1


def log_odds(rules: Negatives | None) -> float:
    """Return what corrects the log-odds of a model that saw a share of the negatives, unweighted: its logarithm."""
    return math.log(rules.keep) if rules is not None and rules.correct == "log_odds" else 0.0


class NegativeSampler:
    """Decides what examples weigh when they are learned.

    With ``correct: weight`` a negative that is kept stands for all of its kind and weighs 1 / keep; with ``log_odds``
    weights stay, and scores are corrected instead.
    """

    def __init__(self, rules: Negatives, seed: int) -> None:
        self._keep, self._salt = rules.keep, salted(seed, _PURPOSE)
        self._kept_weight = 1.0 / rules.keep if rules.correct == "weight" else 1.0

    def weights(self, batch: Batch) -> F64:
        """Return the weights (n,) to learn with, 0 for what is not learned."""
        weights = np.empty(len(batch))
        _weights(batch.label, batch.weight, batch.lot, self._keep, self._salt, self._kept_weight, weights)
        return weights


@kernel
def _weights(label: F64, weight: F64, lot: U32, keep: float, salt: int, kept_weight: float, out: F64) -> None:
    for i in range(len(label)):
        if label[i] > 0.5:
            out[i] = weight[i]
        else:
            out[i] = weight[i] * kept_weight if share(lot[i], salt) < keep else 0.0
