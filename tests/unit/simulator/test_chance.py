from __future__ import annotations

from simulator.chance import chance


def test_numbers_depend_on_seed_concern_and_slice() -> None:
    draws = [chance(*of).random() for of in ((1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1))]
    assert len(set(draws)) == 4
    assert chance(1, "a", 0).random() == draws[0]
