"""Items that were not shown, drawn for the positives of a batch: what a ranking loss sets against them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from udfs.types import F64, I32, U32


@dataclass(frozen=True, slots=True)
class Unshown:
    """Items drawn for ``n`` examples, ``m`` in all; only positives have any.

    Attributes:
        start: int32 (n + 1,): example ``i`` has the items ``start[i]`` to ``start[i + 1]``.
        indptr: int32 (m + 1,): item ``j`` has the entries ``indptr[j]`` to ``indptr[j + 1]``.
        slot: uint32 (entries,): hashes of the items' own features, as in ``Batch.slot``.
        correction: float64 (m,): ``-log q``, added to the score of an item that is drawn with probability q while it is
            learned, never when it is served.
        own: float64 (n,): the same of the example's own item.
        popularity: float64 (n,): how often its own item is shown, as a logarithm; NaN where it has none.
        less_popular: float64 (n,): the share of its items that are shown less often than its own; NaN without items.
        outscored: float64 (n,): the share of its items that score less than the example, a tie counting one half; NaN
            without items. Whoever scores the batch, ``learn`` or ``predict``, writes it.
    """

    start: I32
    indptr: I32
    slot: U32
    correction: F64
    own: F64
    popularity: F64
    less_popular: F64
    outscored: F64

    def slice(self, start: int, stop: int) -> Unshown:
        """Return what examples ``start`` to ``stop`` have; the arrays are views."""
        first, last = self.start[start], self.start[stop]
        begin, end = self.indptr[first], self.indptr[last]
        return Unshown(
            self.start[start : stop + 1] - first,
            self.indptr[first : last + 1] - begin,
            self.slot[begin:end],
            self.correction[first:last],
            self.own[start:stop],
            self.popularity[start:stop],
            self.less_popular[start:stop],
            self.outscored[start:stop],
        )

    def ranks(self) -> F64:
        """Return what metrics of a ranking need, float64 (n, 3): popularity, less_popular, outscored."""
        return np.column_stack((self.popularity, self.less_popular, self.outscored))
