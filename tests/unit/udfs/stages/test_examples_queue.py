"""Whatever pieces examples come and go in, they come out in order, and the dump is the same."""

from __future__ import annotations

import itertools
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality.traffic import Traffic
from tests.unit.udfs.stages.shop_examples import frame_of
from udfs.frames import Frame
from udfs.stages.examples_queue import ExamplesQueue, pieces, to_keep
from udfs.types import Arrays

(EXAMPLES,) = Traffic().chunks(60, size=60)
WHOLE = frame_of(EXAMPLES)


def offsets(pieces: list[Frame]) -> list[int]:
    return [offset for piece in pieces for offset in piece.columns["offset"].tolist()]


@given(st.integers(0, 60), st.integers(0, 1_000))
def test_first_in_first_out_in_any_cutting(taken: int, seed: int) -> None:
    draw = random.Random(seed)
    cuts = sorted({0, 60, *(draw.randrange(60) for _ in range(5))})
    whole, cut = ExamplesQueue(), ExamplesQueue()
    whole.push(to_keep(WHOLE, False))
    for start, stop in itertools.pairwise(cuts):
        cut.push(to_keep(WHOLE.slice(start, stop), False))
    assert offsets(list(whole.take(taken))) == offsets(list(cut.take(taken))) == list(range(taken))
    assert len(whole) == len(cut) == 60 - taken
    assert whole.dump() == cut.dump()
    again = ExamplesQueue()
    again.load(cut.dump())
    assert again.dump() == whole.dump()
    assert again.drop(len(again)) == 60 - taken
    assert (len(again), again.dump()) == (0, b"")


def test_frames_with_and_without_what_may_be_missing_are_as_one() -> None:
    marks: Arrays = {"turn": np.full(60, 1, np.uint8), "index": np.full(60, 2, np.uint32)}
    marked = Frame(WHOLE.kind, 60, WHOLE.meta, {**marks, **WHOLE.columns})
    mixed = ExamplesQueue()
    for frame in (marked, WHOLE, marked):
        mixed.push(to_keep(frame, False))
    again = ExamplesQueue()
    again.load(mixed.dump())
    mixed.drop(70)
    again.drop(70)
    assert mixed.dump() == again.dump()
    turns = [turn for piece in again.take(110) for turn in piece.columns["turn"].tolist()]
    assert turns == [0] * 50 + [1] * 60


def test_every_frame_in_a_queue_has_the_same_columns() -> None:
    kept, known = to_keep(WHOLE, False), to_keep(WHOLE, True)
    assert "id" not in kept.columns
    assert kept.columns["index"].tolist() == known.columns["index"].tolist() == [0] * 60
    assert kept.meta == {"parts": WHOLE.meta["parts"]}
    assert not np.diff(kept.ragged["sample"].pointers).any()


def test_pieces_begin_at_the_cuts_that_are_inside() -> None:
    parts = list(pieces(WHOLE, [-3, 0, 7, 30, 60, 90]))
    assert [part.n for part in parts] == [7, 23, 30]
    assert offsets(parts) == list(range(60))
    assert next(pieces(WHOLE, [60])) is WHOLE
