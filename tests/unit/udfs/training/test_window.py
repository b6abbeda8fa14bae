from __future__ import annotations

import numpy as np
import pytest

from udfs.schema import Learns
from udfs.training.window import LearningWindow

TIME = np.array([9, 10, 19, 20], np.int64)


@pytest.mark.parametrize(
    ("rules", "learned"),
    [
        (None, [1, 1, 1, 1]),
        (Learns(), [1, 1, 1, 1]),
        (Learns(since=10), [0, 1, 1, 1]),
        (Learns(until=20), [1, 1, 1, 0]),
        (Learns(since=10, until=20), [0, 1, 1, 0]),
    ],
)
def test_its_begin_is_inside_and_its_end_is_not(rules: Learns | None, learned: list[int]) -> None:
    window = LearningWindow(rules)
    assert window.holds(TIME).astype(int).tolist() == learned
    weight = np.array([1.0, 2.0, -3.0, 4.0])
    assert window.weights(weight, TIME).tolist() == (weight * learned).tolist()
    assert window.weights(weight, TIME).tolist() == (weight * learned).tolist()
    assert window.report() == ({} if rules is None else {"not_learned": 2 * learned.count(0)})
