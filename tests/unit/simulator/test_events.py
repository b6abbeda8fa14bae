from __future__ import annotations

import numpy as np

from simulator.events import hashed
from tests.unit.simulator.runs import likely


def test_hashes_are_those_of_splitmix64() -> None:
    # The first outputs of the generator with seed 0, from the authors' reference implementation.
    assert hashed(np.array([0]), 0).tolist() == [0xE220A8397B1DCDAF]
    assert hashed(np.array([0]), 1).tolist() == [0x6E789E6AA1B965F4]


def test_users_are_spread_evenly_and_otherwise_for_every_salt() -> None:
    users = np.arange(30_000)
    first, second = ((hashed(users, salt) % np.uint64(3)).astype(np.int64) for salt in (0, 1))
    assert all(likely(count, len(users), 1 / 3) for count in np.bincount(first))
    assert likely(int((first == second).sum()), len(users), 1 / 3)
