from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jobs.dead_letters import clocks
from jobs.dead_letters.clocks import clocks_of
from jobs.dead_letters.errors import ReplayError


def write(path: Path, written: int, *reports: dict[str, object]) -> None:
    path.write_text("".join(json.dumps(report) + "\n" for report in reports))
    os.utime(path, (written, written))


def test_the_furthest_of_the_newest_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clocks_of(str(tmp_path / "nowhere")) == {}
    write(tmp_path / "part-2", 1, {"stage": "read", "times": {"t/0": 99}})
    write(tmp_path / "part-1", 2, {"stage": "read", "key": 0, "times": {"t/0": 7, "t/1": 3}}, {"stage": "train"})
    write(tmp_path / "part-0", 3, {"stage": "read", "key": 1, "times": {"t/0": 8}}, {"stage": "read", "times": {}})
    write(tmp_path / ".part-3", 4, {"stage": "read", "times": {"t/0": 98}})
    monkeypatch.setattr(clocks, "_NEWEST_PARTS", 2)
    assert clocks_of(str(tmp_path)) == {"t/0": 8, "t/1": 3}


def test_a_line_that_is_no_report(tmp_path: Path) -> None:
    (tmp_path / "part-0").write_text("[]\n")
    with pytest.raises(ReplayError, match="no report"):
        clocks_of(str(tmp_path))
