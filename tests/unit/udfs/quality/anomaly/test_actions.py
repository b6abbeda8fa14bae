"""From reasons to what becomes of events."""

from __future__ import annotations

import numpy as np

from udfs.quality.anomaly.actions import Actions
from udfs.quality.anomaly.item_options import ItemReason
from udfs.schema import Action


def test_each_action_does_what_it_says_and_others_count() -> None:
    given = {"ring": Action(do="drop"), "hot": Action(do="cap", weight=0.5), "young": Action(do="quarantine")}
    judged = Actions(ItemReason, given).judge(np.array([0, 1, 2, 3, 2], np.uint8))
    assert judged.out.tolist() == [False, True, False, True, False]
    assert judged.quarantined.tolist() == [3]
    assert np.nan_to_num(judged.cap, nan=-1.0).tolist() == [-1.0, -1.0, 0.5, -1.0, 0.5]
    counted = Actions(ItemReason, {}).judge(np.array([1, 2, 3], np.uint8))
    assert not counted.out.any()
    assert np.isnan(counted.cap).all()


def test_counts_are_by_name_and_of_what_was_chosen() -> None:
    actions = Actions(ItemReason, {})
    judged = actions.judge(np.array([0, 1, 2, 2], np.uint8))
    assert actions.count(judged, np.array([True, True, True, False])) == {"ring": 1, "hot": 1}
    assert actions.count(judged, np.zeros(4, np.bool_)) == {}
