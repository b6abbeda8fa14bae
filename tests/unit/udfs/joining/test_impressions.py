from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.joining import chains
from udfs.joining.impressions import Impressions
from udfs.joining.rules import keyed

HORIZON = 100


class Shown(NamedTuple):
    key: int
    time: int
    order: int


def newest(shown: list[Shown], key: int, moment: int, within: int) -> int:
    """Return the number of the newest of a key that is not after a moment, by looking at all."""
    fit = [(one.time, one.order, i) for i, one in enumerate(shown) if one.key == key != 0]
    fit = [one for one in fit if moment - within <= one[0] <= moment]
    return max(fit)[2] if fit else -1


def append(log: Impressions, shown: list[Shown], low: int) -> None:
    keys, times, order = (np.array(column) for column in zip(*shown, strict=True))
    log.append(keys[None].astype(np.uint64), times, order.astype(np.uint64), low)


def ask(log: Impressions, questions: list[tuple[int, int, int]]) -> list[int]:
    return [
        int(log.answering(np.array([key], np.uint64), np.array([moment]), within)[0])
        for key, moment, within in questions
    ]


@given(
    pieces=st.lists(st.integers(1, 400), min_size=1, max_size=12),
    keys=st.integers(1, 60),
    bound=st.sampled_from([16, 300, 100_000]),
    seed=st.integers(0, 1000),
    restore=st.booleans(),
)
def test_a_log_finds_what_a_search_of_all_finds_among_those_that_are_known(
    pieces: list[int], keys: int, bound: int, seed: int, restore: bool
) -> None:
    draw = np.random.default_rng(seed)
    log, shown = Impressions(keyed(), HORIZON, bound), list[Shown]()
    for i, n in enumerate(pieces):
        now = 20 * i
        new = [
            Shown(int(draw.integers(0, keys)), now + int(draw.integers(0, 30)), int(draw.integers(0, 3)))
            for _ in range(n)
        ]
        append(log, new, now)
        shown += new
        if restore:
            counters, arrays = log.dump()
            log = Impressions(keyed(), HORIZON, bound)
            log.load(counters, arrays)
        assert log.dropped + len(log) == len(shown)
        assert len(log) <= max(bound, 16)
        gone = shown[: log.dropped]
        assert log.given_up or all(one.time < now - HORIZON for one in gone)
        questions = [(int(draw.integers(0, keys + 2)), now + int(draw.integers(0, 30)), HORIZON) for _ in range(20)]
        forgotten = [Shown(0, 0, 0)] * log.dropped + shown[log.dropped :]
        assert ask(log, questions) == [newest(forgotten, *question) for question in questions]


def test_what_the_bound_takes_is_the_oldest_and_is_counted() -> None:
    log = Impressions(keyed(), HORIZON, 16)
    append(log, [Shown(1 + i, i, 0) for i in range(20)], 0)
    assert (log.given_up, log.dropped, len(log)) == (4, 4, 16)
    assert ask(log, [(4, 50, 100), (5, 50, 100), (20, 50, 100)]) == [-1, 4, 19]


def test_what_is_old_makes_room_and_is_not_counted() -> None:
    log = Impressions(keyed(), HORIZON, 16)
    append(log, [Shown(1 + i, i, 0) for i in range(16)], 0)
    append(log, [Shown(1, 300, 0)], 300)
    assert (log.given_up, log.dropped, len(log)) == (0, 1, 16)


@pytest.mark.parametrize("gone", range(8))
def test_an_entry_that_goes_leaves_those_behind_it_where_they_are_found(gone: int) -> None:
    keys = np.arange(1, 9, dtype=np.uint64)
    # The last three begin their search at the last entry, and go on at the first.
    keys[5:] |= np.uint64(0xFFFFFFFF)
    keys[6] ^= np.uint64(1 << 40)
    keys[7] ^= np.uint64(1 << 41)
    table, before = np.zeros(17, np.uint32), np.zeros(8, np.int32)
    chains.enter(0, 8, keys, table, before)
    chains.leave(gone, 1, keys, table)
    found = [int(chains.newest(key, keys, table)) for key in keys]
    assert found == [-1 if place == gone else place for place in range(8)]
