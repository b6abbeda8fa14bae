from __future__ import annotations

import contextlib
import gzip
from collections import namedtuple
from pathlib import Path

import pytest

from jobs.dead_letters.letter import Position, decode
from jobs.dead_letters.originals import FileLines, TopicLines, original_of
from tests.unit.jobs.dead_letters.test_letter import written

LINES = [b"first", b"\xff second\r", b"x" * 20, b"", b"last" * 5]
DATA = b"\n".join(LINES)


@pytest.fixture(params=["a.ndjson", "a.ndjson.gz"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    path.write_bytes(gzip.compress(DATA) if path.suffix == ".gz" else DATA)
    return path


def test_every_line_is_found_where_it_begins(file: Path) -> None:
    with contextlib.closing(FileLines(20)) as lines:
        starts = [0, 6, 16, 38]
        found = [lines(Position(file=str(file), byte=byte)) for byte in [*starts, *reversed(starts)]]
    assert found[:4] == [b"first", b"\xff second", b"x" * 20, b"last" * 5]
    assert found[4:] == found[3::-1]


def test_a_byte_order_mark_belongs_to_no_line(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"\xef\xbb\xbffirst\nsecond")
    (tmp_path / "b.ndjson").write_bytes(b"it\nis\nnone")
    with contextlib.closing(FileLines(20)) as lines:
        assert [lines(Position(file=str(path), byte=byte)) for byte in (9, 3)] == [b"second", b"first"]
        assert lines(Position(file=str(tmp_path / "b.ndjson"), byte=3)) == b"is"
        with pytest.raises(LookupError, match="no line begins"):
            lines(Position(file=str(path), byte=2))


@pytest.mark.parametrize(("byte", "why"), [(1, "no line begins"), (37, "no line begins"), (999, "no line begins")])
def test_where_no_line_begins(file: Path, byte: int, why: str) -> None:
    with contextlib.closing(FileLines(20)) as lines, pytest.raises(LookupError, match=why):
        lines(Position(file=str(file), byte=byte))


def test_too_long_and_gone(file: Path, tmp_path: Path) -> None:
    with contextlib.closing(FileLines(19)) as lines:
        with pytest.raises(LookupError, match="longer than max_line, 19 bytes"):
            lines(Position(file=str(file), byte=16))
        assert lines(Position(file=str(file), byte=0)) == b"first"
        with pytest.raises(LookupError, match="cannot be read"):
            lines(Position(file=str(tmp_path / "gone"), byte=0))
    damaged = tmp_path / "b.gz"
    damaged.write_bytes(gzip.compress(DATA)[:-20])
    with contextlib.closing(FileLines(19)) as lines, pytest.raises(LookupError, match="cannot be read"):
        lines(Position(file=str(damaged), byte=38))


def test_lines_of_records() -> None:
    record = namedtuple("record", "value")
    found = {7: record(b"a\n\n b\r\n"), 8: record(None)}
    lines = TopicLines(lambda topic, partition, offset: found.get(offset))
    assert lines(Position(topic="t", offset=7, index=1)) == b" b"
    for offset, index in ((7, 2), (8, 0), (9, 0)):
        with pytest.raises(LookupError):
            lines(Position(topic="t", offset=offset, index=index))


def test_another_line_in_its_place() -> None:
    cut = decode(written(b"begin", size=9))
    assert original_of(cut, lambda position: b"beginning") == b"beginning"
    with pytest.raises(LookupError, match="another line"):
        original_of(cut, lambda position: b"an ending")
    anew = decode(written(b"{}", encoding="canonical"))
    assert original_of(anew, lambda position: b"the event") == b"the event"
