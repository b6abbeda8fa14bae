"""The rules about items on the examples of one model: a positive one is a click of its user on its item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from udfs.decode.reject import Reason
from udfs.frames import Frame
from udfs.joining.examples import AGAIN
from udfs.quality.anomaly.actions import Actions, Judged
from udfs.quality.anomaly.item_options import ItemOptions, ItemReason
from udfs.quality.anomaly.item_rules import ItemRules
from udfs.quality.anomaly.user_options import CLICK
from udfs.schema import ItemAnomalies
from udfs.stages.parts import Part

NEEDED: Final = ("item", "user", "time", "label")
"""The columns that the rules look at: ``item`` (uint64, 0 is missing), ``user`` (uint64), ``time``, ``label``."""

TURN: Final = "turn"
"""The column of examples that leave the joiner out of turn, where there are any."""

_MESSAGES: Final = {
    Reason.ITEM_RING: "this item's clicks come from the same few users, of whom this is one",
    Reason.ITEM_HOT: "this item is clicked more often than items are",
}
WHY: Final = (("", ""), *_MESSAGES.items())
"""What dead letters say, by the numbers of ``ItemReason``: reason and message."""
_SMALLEST = 16


class ItemJudge:
    """Judges the positive examples of a model's items, each by those before it in order of arrival."""

    def __init__(self, rules: ItemAnomalies) -> None:
        share = max(-(-rules.max_items // rules.partitions), _SMALLEST)
        self._rules = ItemRules(ItemOptions(max_items=share, error=rules.error, click_rate=rules.click_rate))
        self.actions = Actions(ItemReason, rules.actions)

    @property
    def counts(self) -> dict[str, int]:
        """How many items are remembered, and how many had to make room."""
        return {"remembered": len(self._rules), "forgotten": self._rules.forgotten}

    def judge(self, frame: Frame) -> Judged:
        """Judge a frame of examples; those whose item is missing are fine."""
        items, users, times, labels = (frame.columns[name] for name in NEEDED)
        known = items != 0
        # Each is an impression, which was there before if it comes again; and a positive one a click right after it.
        shown = known & (frame.columns[TURN] != AGAIN) if TURN in frame.columns else known
        positive = known & (labels > 0)
        counts = shown.astype(np.int64) + positive
        rows = np.repeat(np.arange(frame.n), counts)
        clicks = np.cumsum(counts)[positive] - 1
        kinds = np.zeros(len(rows), np.uint8)
        kinds[clicks] = CLICK
        reasons = np.zeros(frame.n, np.uint8)
        reasons[positive] = self._rules.update(items[rows], users[rows], kinds, times[rows])[clicks]
        return self.actions.judge(reasons)

    def dump(self) -> Iterator[Part]:
        """Yield the state, in three byte strings."""
        return self._rules.dump()

    def load(self, parts: Sequence[Part]) -> None:
        """Take what ``dump`` yielded."""
        self._rules.load(parts)
