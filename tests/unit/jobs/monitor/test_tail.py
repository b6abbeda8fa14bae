from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jobs.monitor import Tail
from udfs.errors import HeadraceError


def put(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_each_part_is_read_once_at_any_depth(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "reports")
    assert tail.read() == []
    assert tail.committed_at is None
    put(tmp_path / "reports/2026-01-01--00/part-0-0", '{"n": 1}', "", '{"n": 2}')
    put(tmp_path / "reports/part-1-0", '{"n": 3}')
    assert [document["n"] for document in tail.read()] == [1, 2, 3]
    assert tail.read() == []
    put(tmp_path / "reports/2026-01-01--00/part-0-1", '{"n": 4}')
    put(tmp_path / "reports/2026-01-01--01/part-0-2", '{"n": 5}')
    assert [document["n"] for document in tail.read()] == [4, 5]


def test_unfinished_parts_wait_for_their_checkpoint(tmp_path: Path) -> None:
    tail = Tail(tmp_path)
    unfinished = put(tmp_path / "a/.part-0-0.inprogress.x", '{"n": 1}')
    put(tmp_path / "_tmp/part-0-9", '{"n": 9}')
    assert tail.read() == []
    unfinished.rename(tmp_path / "a/part-0-0")
    assert tail.read() == [{"n": 1}]


def test_a_settled_folder_is_not_listed_again_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a/part-0", '{"n": 1}')
    for folder in (tmp_path, tmp_path / "a"):
        os.utime(folder, (1_000_000_000, 1_000_000_000))
    tail = Tail(tmp_path)
    tail.read()
    listed: list[str] = []
    scan = os.scandir

    def listing(path: str) -> Any:
        listed.append(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", listing)
    assert tail.read() == []
    assert listed == []
    put(tmp_path / "a/part-1", '{"n": 2}')
    assert tail.read() == [{"n": 2}]
    assert listed == [str(tmp_path / "a")]


def test_it_knows_when_the_newest_part_was_written(tmp_path: Path) -> None:
    for name, changed in (("part-0", 2_000.0), ("part-1", 1_000.0)):
        os.utime(put(tmp_path / name, "{}"), (changed, changed))
    tail = Tail(tmp_path)
    tail.read()
    assert tail.committed_at == 2_000.0


@pytest.mark.parametrize("line", ['{"n": ', "[1]", "\x00"])
def test_a_damaged_part_is_named(tmp_path: Path, line: str) -> None:
    put(tmp_path / "part-0", "{}", line)
    with pytest.raises(HeadraceError, match=r"part-0:2 is no JSON object"):
        Tail(tmp_path).read()
