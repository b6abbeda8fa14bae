"""What the reference shop's figures are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.reference_shop import judged, possible

DAY = 86_400_000_000


def test_the_best_is_that_of_the_last_impressions_and_of_clicks_within_the_window(tmp_path: Path) -> None:
    columns = {
        "time": [0, 30, 10, 20, 40],
        "click_time": [1, 35, -1, -1, 140],
        "click_probability": [0.0, 0.9, 1.0, 0.1, 0.5],
    }
    for name, values in columns.items():
        np.save(tmp_path / name, np.array(values))
    assert possible(tmp_path, 3, 50) == (1.0, 20_000)
    assert possible(tmp_path, 3, 200)[0] == 1.0
    assert possible(tmp_path, 4, 50)[0] == pytest.approx(2 / 3)


def test_calibration_is_told_by_day_and_judged_by_whole_days() -> None:
    scores, label = np.array([0.5, 0.5, 0.2, 0.4, 0.1]), np.array([1.0, 0.0, 1.0, 1.0, 1.0])
    told = judged(scores, label, np.array([0, DAY - 1, DAY, 2 * DAY - 1, 2 * DAY]))
    assert [day["impressions"] for day in told["days"]] == [2, 2, 1]
    assert [day["calibration"] for day in told["days"]] == pytest.approx([1.0, 0.3, 0.1])
    assert (told["least"], told["greatest"]) == pytest.approx((0.3, 1.0))
