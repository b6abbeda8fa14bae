"""Clocks of partitions equal a plain reference."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.frames import Frame, Kind
from udfs.quality.lateness import CLOCK, CONFIRMED, advance, note_offsets, parts_of
from udfs.types import Arrays

JUMP = 50
rows = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 2)), max_size=60)


def reference(events: list[tuple[int, int]], lateness: int, low: int) -> tuple[list[int], list[bool]]:
    """Return the clocks and who is late, said in another way: those far ahead stand in a list."""
    clock, late = [0, 0, 0], []
    ahead: list[list[int]] = [[], [], []]
    for time, part in events:
        now = clock[part] or time
        late.append(lateness >= 0 and time < max(now - lateness, low))
        if time <= now + JUMP:
            clock[part] = max(now, time)
            if ahead[part]:
                ahead[part] = sorted(ahead[part])[:-1]
            continue
        clock[part] = now
        ahead[part].append(time)
        if len(ahead[part]) == CONFIRMED:
            clock[part], ahead[part] = min(ahead[part]), []
    return clock, late


@settings(deadline=None, max_examples=300)
@given(
    events=rows,
    lateness=st.sampled_from([-1, 0, 30]),
    low=st.sampled_from([0, 100]),
    cut=st.lists(st.integers(0, 60), max_size=3),
)
def test_equal_to_the_reference_however_cut(
    events: list[tuple[int, int]], lateness: int, low: int, cut: list[int]
) -> None:
    clocks, found = np.zeros((3, CLOCK), np.int64), []
    for start, stop in itertools.pairwise([0, *sorted(cut), len(events)]):
        piece = events[start:stop]
        columns = np.array(piece, np.int64).reshape(-1, 2).T.copy()
        late = np.empty(len(piece), np.bool_)
        advance(columns[0], columns[1].astype(np.uint16), lateness, JUMP, low, clocks, late)
        found += late.tolist()
    assert (clocks[:, 0].tolist(), found) == reference(events, lateness, low)


def test_broken_clocks_move_nothing_and_a_gap_does() -> None:
    clocks = np.zeros((1, CLOCK), np.int64)

    def passes(times: list[int]) -> int:
        late = np.empty(len(times), np.bool_)
        advance(np.array(times), np.zeros(len(times), np.uint16), 45, JUMP, 0, clocks, late)
        assert not late.any()
        return int(clocks[0, 0])

    assert passes([100, 10**9, 110, 10**9, 111, 112]) == 112
    assert passes([500 + i for i in range(CONFIRMED - 1)]) == 112
    assert passes([520]) == 500


def test_only_partitions_with_offsets_are_noted() -> None:
    columns: Arrays = {
        "offset": np.array([7, 5, -1, 9]),
        "part": np.array([0, 1, 3, 0], np.uint16),
    }
    frame = Frame(Kind.EVENTS, 4, {"parts": ["a/0", "a/1", "a/2", "day.ndjson"]}, columns)
    newest = {"a/1": 6}
    note_offsets(frame, newest)
    assert newest == {"a/0": 9, "a/1": 6}
    assert parts_of(frame) == [0, 1, 3]
