"""A batch of examples in CSR form: what every learner learns from."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as field_of

import numpy as np

from udfs.features.unshown import Unshown
from udfs.types import F32, F64, I32, I64, U16, U32


@dataclass(frozen=True, slots=True)
class Batch:
    """``n`` examples in the order in which they are learned.

    Attributes:
        indptr: int32 (n + 1,): example ``i`` has the entries ``indptr[i]`` to ``indptr[i + 1]``.
        slot: uint32 (entries,): the full 32-bit hash; a learner masks it to its table with ``slot & (2**bits - 1)``.
        value: float32 (entries,): the entry's value, 1 for every hashed feature.
        field: uint16 (entries,): the entry's place in ``Space.hashed``.
        dense: float64 (n, d): raw dense coordinates, logarithm taken where asked, not standardised; NaN is missing.
        label: float64 (n,): 0 or 1 for classifiers, the number itself for regressors and ratings.
        weight: float64 (n,): importance weight; 0 leaves every weight of the model as it is.
        time: int64 (n,): event time, microseconds since 1970.
        late: float64 (n,): late positives for each unit of positives so far, by which learners weigh negatives that may
            be early ones (``udfs/joining/late_share.py``); None where none are.
        lot: uint32 (n,): a hash of the event's id, which decides what is left to chance; (0,) where nothing is.
        unshown: items drawn for the positives of a model that ranks; None where none are.
    """

    indptr: I32
    slot: U32
    value: F32
    field: U16
    dense: F64
    label: F64
    weight: F64
    time: I64
    late: F64 | None = None
    lot: U32 = field_of(default_factory=lambda: np.zeros(0, np.uint32))
    unshown: Unshown | None = None

    def __len__(self) -> int:
        return len(self.label)

    def slice(self, start: int, stop: int) -> Batch:
        """Return examples ``start`` to ``stop``; the arrays are views."""
        first, last = self.indptr[start], self.indptr[stop]
        return Batch(
            self.indptr[start : stop + 1] - first,
            self.slot[first:last],
            self.value[first:last],
            self.field[first:last],
            self.dense[start:stop],
            self.label[start:stop],
            self.weight[start:stop],
            self.time[start:stop],
            None if self.late is None else self.late[start:stop],
            self.lot[start:stop],
            None if self.unshown is None else self.unshown.slice(start, stop),
        )
