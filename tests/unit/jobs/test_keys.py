"""Keys of state: what is added last moves nothing, and all are spread over the key groups."""

from __future__ import annotations

from collections import Counter

import pytest

from jobs.keys import balanced_keys, growing_keys, key_group
from udfs.hashing import hash32

GROUPS = 360


def parts(keys: list[int], parallelism: int) -> Counter[int]:
    """Return how many keys each subtask has."""
    found = Counter(dict.fromkeys(range(parallelism), 0))
    for key in keys:
        found[key_group(key, GROUPS) * parallelism // GROUPS] += 1
    return found


def test_keys_stay_where_more_are_added() -> None:
    longest = growing_keys(400, GROUPS)
    assert len(set(longest)) == 400
    assert all(growing_keys(n, GROUPS) == longest[:n] for n in (0, 1, 2, 3, 17, 256))


@pytest.mark.parametrize("n", [2, 3, 5, 8, 12, 64])
@pytest.mark.parametrize("parallelism", [2, 4])
def test_growing_keys_are_spread(n: int, parallelism: int) -> None:
    found = parts(growing_keys(n, GROUPS), parallelism)
    assert max(found.values()) - min(found.values()) <= 1


@pytest.mark.parametrize(("n", "parallelism"), [(8, 2), (8, 4), (12, 3), (12, 6), (15, 5)])
def test_balanced_keys_give_each_subtask_the_same_number(n: int, parallelism: int) -> None:
    assert set(parts(balanced_keys(n, GROUPS), parallelism).values()) == {n // parallelism}


def test_a_key_is_mixed_as_four_bytes_are_hashed() -> None:
    for key in range(2000):
        mixed = hash32((62 + key).to_bytes(4, "little"), 0)
        assert key_group(key, GROUPS) == min(mixed, (1 << 32) - mixed) % GROUPS
