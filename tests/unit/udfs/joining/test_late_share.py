"""The share of late positives, row by row."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.udfs.joining.histories import JOIN, layout
from udfs.frames import Frame, Kind
from udfs.joining.examples import AGAIN, EARLY
from udfs.joining.late_share import LateShare, counted, in_turn
from udfs.schema.join import Late


def share(late: Late = "fake_negative_weighted") -> LateShare:
    labels = (msgspec.structs.replace(JOIN.labels[0], late=late), *JOIN.labels[1:])
    plan = layout(msgspec.structs.replace(JOIN, labels=labels)).plan
    return LateShare(plan, plan.models[0])


def examples(label: list[float], weight: list[float], turn: list[int]) -> Frame:
    columns = {"label": np.array(label), "weight": np.array(weight), "turn": np.array(turn, np.uint8)}
    return Frame(Kind.EXAMPLES, len(label), {}, columns)


FRAME = examples([0, 1, 1, 0, 1, 0], [1, 2, 2, 1, 4, 1], [0, EARLY, AGAIN, 0, 0, 0])


def test_it_is_that_of_the_examples_before() -> None:
    assert share().noted(FRAME).columns["late"].tolist() == [0, 0, 0, 1 / 4, 1 / 4, 1 / 8]


@given(cut=st.integers(0, 6))
def test_it_goes_on_from_frame_to_frame(cut: int) -> None:
    whole, parts = share(), share()
    expected = whole.noted(FRAME).columns["late"]
    found = [parts.noted(FRAME.slice(a, b)).columns["late"] for a, b in ((0, cut), (cut, 6))]
    assert np.concatenate(found).tobytes() == expected.tobytes()
    assert parts.sums.tobytes() == whole.sums.tobytes()


def test_without_the_policy_nothing_is_noted() -> None:
    assert "late" not in share("reverse").noted(FRAME).columns


def test_metrics_count_an_impression_once_and_its_time_when_it_leaves_in_turn() -> None:
    assert counted(FRAME).tolist() == [True, True, False, True, True, True]
    assert in_turn(FRAME).tolist() == [True, False, False, True, True, True]
    assert counted(Frame(Kind.EXAMPLES, 2)).tolist() == in_turn(Frame(Kind.EXAMPLES, 2)).tolist() == [True, True]


def test_a_field_cannot_ask_for_a_step_back() -> None:
    frame = examples([0, 0, 1], [-1, -1, -0.5], [0, AGAIN, EARLY])
    assert share("reverse").noted(frame).columns["weight"].tolist() == [0, -1, 0]
