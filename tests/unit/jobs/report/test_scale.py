from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.report.chart import Line, chart
from jobs.report.scale import Scale

finite = st.floats(-1e9, 1e9, allow_nan=False)


@given(values=st.lists(finite, min_size=1, max_size=5))
def test_ticks_lie_within_the_scale_and_are_few(values: list[float]) -> None:
    scale = Scale.around(values, 0.0, 100.0)
    ticks = scale.ticks()
    assert all(scale.low - 1e-6 * abs(scale.low) <= tick <= scale.high + 1e-6 * abs(scale.high) for tick in ticks)
    assert len(ticks) <= 12
    assert all(0.0 <= scale(value) <= 100.0 for value in values)


def test_a_gap_breaks_the_line() -> None:
    line = Line("fresh", "fresh", [(0.0, 1.0), (1.0, 2.0), (2.0, None), (3.0, 1.0), (4.0, 2.0)])
    drawing = chart("AUC", [line], x_label="examples", show=str)
    (path,) = [part for part in drawing.split("<path") if 'class="line fresh"' in part]
    assert path.count("M") == 2


def test_a_single_point_is_a_dot_and_nothing_is_no_chart() -> None:
    assert "<circle" in chart("AUC", [Line("fresh", "fresh", [(5.0, 0.5)])], x_label="examples", show=str)
    assert chart("AUC", [Line("fresh", "fresh", [(5.0, None)])], x_label="examples", show=str) == ""


@pytest.mark.parametrize("value", [0.0, 1.0, 1e-12])
def test_a_constant_has_a_scale(value: float) -> None:
    scale = Scale.around([value, value], 0.0, 1.0)
    assert 0.0 < scale(value) < 1.0


@given(value=finite, apart=st.floats(0.0, 1e-7))
def test_values_as_good_as_equal_have_a_scale_with_ticks(value: float, apart: float) -> None:
    assert len(Scale.around([value, value + apart], 0.0, 1.0).ticks()) >= 2
