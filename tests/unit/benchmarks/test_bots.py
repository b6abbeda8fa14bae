"""What the rules about users find in a simulated shop, and whom they leave alone; several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.bots import heaviest, late, run
from benchmarks.quality.shoppers import CLICKER, FAST, HEAVY, NAMES, PERSON, REGULAR, Habits, shoppers

SHOP = Habits(people=2000, bots=8, events=1000)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_bots_are_found_and_people_left_alone(seed: int) -> None:
    shares = run(SHOP, seed)
    for kind in (FAST, REGULAR, CLICKER, HEAVY):
        assert shares[NAMES[kind]] >= 0.9, NAMES[kind]
    assert shares["people"] <= 0.001
    assert shares["heaviest"] <= 0.001


def test_the_same_seed_gives_the_same_stream() -> None:
    few = Habits(people=20, bots=1, events=100)
    one, other = shoppers(few, 1), shoppers(few, 1)
    assert [column.tobytes() for column in one] == [column.tobytes() for column in other]
    assert not np.array_equal(shoppers(few, 1).times[:100], shoppers(few, 2).times[:100])


def test_the_shop_is_what_it_says() -> None:
    stream = shoppers(Habits(people=2000, bots=2, events=500), 1)
    people = stream.truth == PERSON
    impressions = (stream.kinds[people] == 0).sum()
    assert (stream.kinds[people] == 1).sum() / impressions == pytest.approx(0.04, abs=0.01)
    assert (np.diff(stream.times) >= 0).all()
    counts = np.unique(stream.users[people], return_counts=True)[1]
    most = heaviest(stream)
    assert most.sum() >= 15 * np.median(counts)
    assert set(stream.truth[most]) == {PERSON}
    assert set(np.unique(stream.truth)) == {PERSON, FAST, REGULAR, CLICKER, HEAVY}


def test_late_events_are_those_after_the_first_of_their_user() -> None:
    assert late(np.array([1, 2, 1, 1, 2], np.uint64), learn=1).tolist() == [False, False, True, True, True]
