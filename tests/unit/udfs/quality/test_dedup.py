"""The dedup window equals a plain dict, whatever the cutting, and also after a restore."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.errors import StateError
from udfs.quality.dedup import Dedup
from udfs.types import Bool

WINDOW, JUMP = 100, 40
ids = st.integers(0, 30)
times = st.integers(1, 60) | st.integers(1, 2000)
events = st.lists(st.tuples(ids, times, st.booleans() | st.just(True)), max_size=120)


@dataclass
class Reference:
    """The same rules with a dict: ids in the order in which they were first seen."""

    bound: int
    seen: dict[int, int] = field(default_factory=dict)
    clock: int = 0
    capacity: int = 0
    forgotten: int = 0

    def keep(self, event: int, time: int) -> bool:
        before = self.seen.get(event)
        if before is not None and abs(time - before) <= WINDOW:
            self._advance(time)
            return False
        if before is None and len(self.seen) == self.capacity:
            self._make_room()
        self.seen[event] = time
        self._advance(time)
        return True

    def _advance(self, time: int) -> None:
        if time > self.clock:
            self.clock = time if self.clock == 0 else min(time, self.clock + JUMP)

    def _make_room(self) -> None:
        alive = [event for event, time in self.seen.items() if time >= self.clock - WINDOW]
        if len(alive) * 2 > self.capacity:
            if self.capacity < self.bound:
                self.capacity = min(self.capacity * 2, self.bound)
            elif len(alive) * 4 > self.capacity * 3:
                surplus = len(alive) - self.capacity * 3 // 4
                alive = alive[surplus:]
                self.forgotten += surplus
        self.seen = {event: self.seen[event] for event in alive}


def id_of(event: int) -> tuple[int, int]:
    """Ids that collide in the table's slots and, in part, in its tags."""
    return event % 4, (event // 8 << 32) | event


def filtered(dedup: Dedup, rows: list[tuple[int, int, bool]]) -> Bool:
    return dedup.filter(
        np.array([id_of(event) for event, _, _ in rows], np.uint64).reshape(-1, 2),
        np.array([time for _, time, _ in rows], np.int64),
        np.array([use for _, _, use in rows], np.bool_),
    )


def dumped(dedup: Dedup) -> list[bytes]:
    return [bytes(part) for part in dedup.dump()]


@settings(deadline=None, max_examples=400)
@given(rows=events, bound=st.sampled_from([16, 20, 10_000]))
def test_equal_to_a_dict(rows: list[tuple[int, int, bool]], bound: int) -> None:
    dedup, reference = Dedup(WINDOW, bound, JUMP), Reference(bound, capacity=min(1024, bound))
    expected = [not use or reference.keep(event, time) for event, time, use in rows]
    assert filtered(dedup, rows).tolist() == expected
    assert (len(dedup), dedup.forgotten) == (len(reference.seen), reference.forgotten)


@settings(deadline=None, max_examples=200)
@given(rows=events, cut=st.lists(st.integers(0, 120), max_size=5), bound=st.sampled_from([16, 10_000]))
def test_any_cutting_and_any_restore_gives_the_same(
    rows: list[tuple[int, int, bool]], cut: list[int], bound: int
) -> None:
    whole, parts = Dedup(WINDOW, bound, JUMP), Dedup(WINDOW, bound, JUMP)
    expected = filtered(whole, rows).tolist()
    found: list[bool] = []
    for start, stop in itertools.pairwise([0, *sorted(cut), len(rows)]):
        found += filtered(parts, rows[start:stop]).tolist()
        stored = dumped(parts)
        parts = Dedup(WINDOW, bound, JUMP)
        parts.load(stored)
        assert dumped(parts) == stored
    assert found == expected
    assert dumped(parts) == dumped(whole)


def test_a_duplicate_beyond_the_window_counts_anew() -> None:
    dedup = Dedup(WINDOW, 100, 10_000)
    rows = [(1, 1000, True), (1, 1000 + WINDOW, True), (1, 1001 + WINDOW, True), (1, 1001, True)]
    assert filtered(dedup, rows).tolist() == [True, False, True, False]


def test_one_event_from_the_future_forgets_nothing() -> None:
    dedup = Dedup(WINDOW, 16, JUMP)
    rows = [(event, 1000, True) for event in range(15)] + [(20, 10**15, True)]
    assert filtered(dedup, rows).all()
    assert not filtered(dedup, rows[:15]).any()


def test_memory_and_what_is_forgotten_at_the_bound() -> None:
    dedup = Dedup(WINDOW, 64, JUMP)
    unique = np.arange(2000, dtype=np.uint64).repeat(2).reshape(-1, 2)
    keep = dedup.filter(unique, np.full(2000, 1000), np.ones(2000, np.bool_))
    assert keep.all()
    assert len(dedup) <= 64
    assert dedup.forgotten == 2000 - len(dedup)
    assert sum(len(part) for part in dumped(dedup)) <= 32 + 64 * 24
    newest = slice(-10, None)
    assert not dedup.filter(unique[newest], np.full(10, 1000), np.ones(10, np.bool_)).any()


def test_many_ids_grow_the_log() -> None:
    draw = np.random.default_rng(1)
    unique = draw.integers(0, 2**63, (20_000, 2)).astype(np.uint64)
    dedup = Dedup(WINDOW, 100_000, JUMP)
    use = np.ones(len(unique), np.bool_)
    assert dedup.filter(unique, np.full(len(unique), 5), use).all()
    assert not dedup.filter(unique[::-1].copy(), np.full(len(unique), 5), use).any()
    assert (len(dedup), dedup.forgotten) == (20_000, 0)


def test_a_log_that_was_stored_under_a_higher_bound_stays_exact() -> None:
    wide, narrow = Dedup(WINDOW, 5000, JUMP), Dedup(WINDOW, 20, JUMP)
    unique = np.random.default_rng(1).integers(0, 2**63, (5000, 2)).astype(np.uint64)
    when, use = np.full(5000, 1000), np.ones(5000, np.bool_)
    assert wide.filter(unique, when, use).all()
    narrow.load(dumped(wide))
    assert not narrow.filter(unique, when, use).any()


def test_a_log_beyond_what_was_reserved_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udfs.quality.dedup._RESERVED", 1500)
    unique = np.random.default_rng(1).integers(0, 2**63, (5000, 2)).astype(np.uint64)
    when, use = np.full(5000, 1000), np.ones(5000, np.bool_)
    dedup, restored = Dedup(WINDOW, 10_000, JUMP), Dedup(WINDOW, 10_000, JUMP)
    assert dedup.filter(unique, when, use).all()
    restored.load(dumped(dedup))
    assert not dedup.filter(unique, when, use).any()
    assert not restored.filter(unique, when, use).any()


def test_parts_that_do_not_fit_are_refused() -> None:
    dedup = Dedup(WINDOW, 100, JUMP)
    filtered(dedup, [(1, 1, True)])
    counters, stored, when = dumped(dedup)
    with pytest.raises(StateError, match="older checkpoint"):
        Dedup(WINDOW, 100, JUMP).load([counters, stored, when + when])
