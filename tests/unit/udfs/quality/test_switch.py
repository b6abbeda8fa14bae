"""An archive and a topic that hold some of the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from udfs.quality.switch import AFTER, BEFORE, skip
from udfs.schema import Switch

times = st.lists(st.integers(0, 20), max_size=30)


@given(times, st.integers(0, 20), st.data())
def test_what_both_hold_counts_once(when: list[int], boundary: int, draw: st.DataObject) -> None:
    good: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.ones(2 * len(when), np.bool_)
    in_file = np.repeat(np.array([True, False]), len(when))
    bad = draw.draw(st.sets(st.integers(0, 2 * len(when))))
    good[[row for row in bad if row < len(good)]] = False
    before = good.copy()
    skipped = skip(good, np.array(when * 2, np.int64), in_file, Switch(time=boundary))
    assert sum(skipped.values()) == before.sum() - good.sum()
    assert skipped.get(AFTER, 0) == (before & ~good & in_file).sum()
    assert skipped.get(BEFORE, 0) == (before & ~good & ~in_file).sum()
    for row, time in enumerate(when):
        file, topic = row, row + len(when)
        assert not (good[file] and good[topic])
        if before[file] and before[topic]:
            assert good[file] == (time < boundary) != good[topic]


def test_without_a_time_nothing_is_skipped() -> None:
    for switch in (None, Switch()):
        good = np.ones(2, np.bool_)
        assert skip(good, np.array([1, 2]), np.array([True, False]), switch) == {}
        assert good.all()
