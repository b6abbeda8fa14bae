from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.column_file import ColumnFile


@pytest.mark.parametrize("dtype", ["<i8", "<f8", "<u1"])
def test_what_was_appended_is_loaded(tmp_path: Path, dtype: str) -> None:
    column = ColumnFile(tmp_path, "a", dtype)
    parts = [np.arange(n) for n in (0, 5, 100_000)]
    for part in parts:
        column.append(part)
    assert [path.name for path in tmp_path.iterdir()] == [".a.npy"]
    column.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]
    loaded = np.load(tmp_path / "a.npy", allow_pickle=False)
    assert loaded.dtype == np.dtype(dtype)
    assert np.array_equal(loaded, np.concatenate(parts).astype(dtype))


def test_what_is_abandoned_leaves_nothing(tmp_path: Path) -> None:
    column = ColumnFile(tmp_path, "a", "<i8")
    column.append(np.arange(3))
    column.abandon()
    assert list(tmp_path.iterdir()) == []
