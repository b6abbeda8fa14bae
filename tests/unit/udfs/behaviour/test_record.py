"""Where features stand in a record."""

from __future__ import annotations

import numpy as np

from tests.unit.udfs.behaviour.described import layout
from udfs.behaviour.record import features_of, rules_of
from udfs.joining.joiner import UNIT


def test_places_follow_each_other() -> None:
    rules, width = rules_of(layout())
    places = (rules.sinces, rules.rates, rules.counts, rules.histories)
    assert [place.tolist() for place in places] == [[2], [3], [6], [11]]
    assert width == 13
    assert rules.step.tolist() == [UNIT]
    assert rules.counted.tolist() == [[True], [True]]
    assert rules.above.tolist() == [[False], [True]]
    assert rules.changes.tolist() == [True, True]


def test_numbers_stand_in_the_order_of_their_columns() -> None:
    assert list(features_of(layout())) == ["count", "rate", "since", "last"]


def test_a_plan_without_behaviour_has_none() -> None:
    assert features_of(layout({})) == {}
    assert np.array_equal(rules_of(layout({}))[0].changes, [False, False])
