"""All that a model learns beside, or in place of, what happened: one augmentation after the other."""

from __future__ import annotations

from udfs.augment.cold import ColdCopies
from udfs.augment.dropout import FeatureDropout
from udfs.augment.replay import PositiveReplay
from udfs.augment.rows import Rows, after, as_they_are
from udfs.features import Batch, Space
from udfs.schema import Augment
from udfs.types import Arrays


class Augmenter:
    """Positives are replayed first, then copies are made, then features are dropped from all that is learned."""

    def __init__(self, rules: Augment, space: Space, seed: int) -> None:
        self._replay = PositiveReplay(rules.replay, space, seed) if rules.replay else None
        cold = ColdCopies(rules.cold, space, seed) if rules.cold else None
        dropout = FeatureDropout(rules.dropout, space, seed) if rules.dropout else None
        self._steps = [step for step in (self._replay, cold, dropout) if step is not None]

    def __bool__(self) -> bool:
        """Return whether anything is on."""
        return bool(self._steps)

    def rows(self, batch: Batch) -> Rows:
        """Return what is learned for examples with lots, and where each of them is scored."""
        rows = as_they_are(batch)
        for step in self._steps:
            rows = after(rows, step.rows(rows.batch))
        return rows

    def dump(self) -> Arrays:
        """Return the state, which is that of the replay; the arrays are live."""
        return self._replay.dump() if self._replay is not None else {}

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned.

        Raises:
            StateError: the arrays are not those of this replay.
        """
        if self._replay is not None:
            self._replay.load(arrays)
