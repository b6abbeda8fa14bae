"""The positions of a lane survive whatever happens to it, and a restored lane goes on where the lost one was."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.strategies_histories import PLAN
from udfs.stages.driver import MemoryStore
from udfs.stages.keeper import Keeper
from udfs.stages.read import ReadStage, positions_frame
from udfs.stages.shape import read_fingerprint

parts = st.sampled_from(("a/0", "a/1", "/in/b.json", "/in/c.json.gz"))
moves = st.tuples(st.dictionaries(parts, st.integers(-1, 1 << 50), max_size=3), st.lists(parts, max_size=2))


def lane(store: MemoryStore, smallest_base: int) -> tuple[ReadStage, Keeper]:
    stage = ReadStage()
    keeper = Keeper(lambda: stage, store, read_fingerprint(PLAN, 0), smallest_base=smallest_base)
    keeper.restore()
    return stage, keeper


@settings(deadline=None, max_examples=60)
@given(st.lists(moves, max_size=30), st.sets(st.integers(0, 30)), st.sampled_from((1, 200, 1 << 20)))
def test_restored_it_is_as_it_was(
    history: list[tuple[dict[str, int], list[str]]], crashes: set[int], smallest_base: int
) -> None:
    expected: dict[str, int] = {}
    store = MemoryStore()
    stage, keeper = lane(store, smallest_base)
    for i, (positions, gone) in enumerate(history):
        assert list(keeper.process(positions_frame(positions, gone))) == []
        expected |= positions
        for name in gone:
            expected.pop(name, None)
        if i in crashes:
            stage, keeper = lane(store, smallest_base)
        assert list(stage.positions.items()) == list(expected.items())
        assert stage.begun
    assert lane(store, smallest_base)[1].dump() == keeper.dump()


def test_a_lane_that_was_never_read_has_not_begun() -> None:
    store = MemoryStore()
    assert not lane(store, 1)[0].begun
    assert not lane(store, 1)[0].begun
