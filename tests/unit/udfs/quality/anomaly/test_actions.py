"""From reasons to what becomes of events."""

from __future__ import annotations

import numpy as np

from udfs.quality.anomaly.actions import Actions, capped
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


def test_a_step_back_is_capped_as_the_step_was() -> None:
    none = np.full(3, np.nan)
    weights = np.array([2.0, 0.1, -1.0])
    assert capped(weights, none).tolist() == weights.tolist()
    assert capped(weights, np.full(3, 0.5)).tolist() == [0.5, 0.1, -0.5]
    assert capped(weights, np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
