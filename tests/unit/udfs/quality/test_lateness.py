"""Clocks of partitions equal a plain reference."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.frames import Frame, Kind
from udfs.quality.lateness import advance, note_offsets, parts_of
from udfs.types import Arrays

JUMP = 50
rows = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 9), st.integers(0, 2)), max_size=40)


def reference(events: list[tuple[int, int, int]], lateness: int) -> tuple[list[int], list[int], list[bool]]:
    clock, last, late = [0, 0, 0], [-1, -1, -1], []
    for time, offset, part in events:
        now = clock[part] or time
        late.append(lateness >= 0 and time < now - lateness)
        clock[part] = max(now, min(time, now + JUMP))
        last[part] = max(last[part], offset)
    return clock, last, late


@settings(deadline=None, max_examples=300)
@given(events=rows, lateness=st.sampled_from([-1, 0, 30]), cut=st.lists(st.integers(0, 40), max_size=3))
def test_equal_to_the_reference_however_cut(events: list[tuple[int, int, int]], lateness: int, cut: list[int]) -> None:
    clock, last, found = np.zeros(3, np.int64), np.full(3, -1, np.int64), []
    for start, stop in itertools.pairwise([0, *sorted(cut), len(events)]):
        piece = events[start:stop]
        columns = np.array(piece, np.int64).reshape(-1, 3).T.copy()
        late = np.empty(len(piece), np.bool_)
        advance(columns[0], columns[1], columns[2].astype(np.uint16), lateness, JUMP, clock, last, late)
        found += late.tolist()
    assert (clock.tolist(), last.tolist(), found) == reference(events, lateness)


def test_a_broken_clock_moves_its_partition_by_one_jump_only() -> None:
    clock, _, late = reference([(100, 0, 0), (10**9, 1, 0), (110, 2, 0), (110, 0, 1)], 45)
    assert clock == [150, 110, 0]
    assert late == [False, False, False, False]


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
