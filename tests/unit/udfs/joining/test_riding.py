"""Stored rows get the columns that ride now."""

from __future__ import annotations

import numpy as np

from udfs.frames import Frame, Kind
from udfs.joining.riding import fitted


def rows() -> Frame:
    return Frame(Kind.EVENTS, 2, {}, {"time": np.array([1, 2]), "cap": np.array([0.5, np.nan])})


def test_what_is_missing_stands_for_none() -> None:
    plain = fitted(rows(), {})
    assert list(plain.columns) == ["time"]
    again = fitted(plain, {"cap": np.float64(np.nan)})
    assert again.columns["time"].tolist() == [1, 2]
    assert again.columns["cap"].dtype == np.float64
    assert np.isnan(again.columns["cap"]).all()


def test_what_rides_already_stays_as_it_is() -> None:
    same = fitted(rows(), {"cap": np.float64(np.nan)})
    assert list(same.columns) == ["time", "cap"]
    assert same.columns["cap"].tolist()[0] == 0.5
