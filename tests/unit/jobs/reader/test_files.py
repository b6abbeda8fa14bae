from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.config.patterns import to_regex
from jobs.reader.files import Files, FilesReader
from jobs.reader.reader import Reading, SourceError
from udfs.stages.read import DONE

LANES = 2


def source(folder: Path, bounded: bool = True, size: int = 4_000, pattern: str = "**/*") -> Files:
    found = Files(folder.as_uri(), to_regex(pattern), LANES, size, poll=0.0, max_line=64)
    return replace(found, listing=found.list()) if bounded else found


class Lanes:
    """Reads every lane of a source, keeping positions as the job does."""

    def __init__(self, of: Files) -> None:
        self.of = of
        self.reader = of.open()
        self.times: dict[str, int] = {}
        self.positions: list[dict[str, int]] = [{} for _ in range(LANES)]
        self.lines: dict[str, list[tuple[int, bytes]]] = defaultdict(list)

    def step(self, lane: int) -> Reading:
        reading = self.reader.read(lane, self.positions[lane], True, self.times)
        assert reading is not None
        for block in reading.blocks:
            (start, stop), at = block.records[0], int(block.offsets[0])
            for line in block.data[start:stop].tobytes().splitlines(keepends=True):
                self.lines[Path(block.part).name].append((at, line))
                at += len(line)
        self.positions[lane] |= reading.positions
        for path in reading.gone:
            del self.positions[lane][path]
        return reading

    def restart(self) -> None:
        """Lose the reader; what it had read is remembered by the positions."""
        self.reader.close()
        self.reader = self.of.open()

    def finish(self) -> None:
        for lane in range(LANES):
            while not self.step(lane).ended:
                pass


def numbered(content: bytes) -> list[tuple[int, bytes]]:
    lines, at = [], 0
    for line in content.splitlines(keepends=True):
        lines.append((at, line))
        at += len(line)
    return lines


contents = st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"\r", b"")), max_size=40).map(b"\n".join)


@settings(deadline=None, max_examples=80)
@given(st.dictionaries(st.sampled_from(("a1.json", "a2.json", "b.json.gz", "c.json.gz")), contents), st.data())
def test_every_line_once_whatever_is_restarted(
    tmp_path_factory: pytest.TempPathFactory, written: dict[str, bytes], draw: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("in")
    for name, content in written.items():
        (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    lanes = Lanes(source(folder, size=draw.draw(st.sampled_from((1, 70, 4_000)))))
    for _ in range(draw.draw(st.integers(0, 8))):
        lanes.step(draw.draw(st.integers(0, LANES - 1)))
        lanes.restart()
    lanes.finish()
    lanes.reader.close()
    splitting = {name: [(at, line) for at, line in numbered(content)] for name, content in written.items() if content}
    assert dict(lanes.lines) == splitting
    assert all(position == DONE for positions in lanes.positions for position in positions.values())


def test_a_line_longer_than_a_read_is_returned_once_and_short(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"short\n" + b"x" * 1_000 + b'{"looks": "whole"}\nlast')
    for restarting in (False, True):
        lanes = Lanes(source(tmp_path, size=1))
        for _ in range(60):
            for lane in range(LANES):
                lanes.step(lane)
            if restarting:
                lanes.restart()
        lanes.reader.close()
        assert lanes.lines["a.json"] == [(0, b"short\n"), (6, b"x" * 65), (1_025, b"last")]


def test_files_are_picked_up_as_they_are_moved_in(tmp_path: Path) -> None:
    lanes = Lanes(source(tmp_path, bounded=False))
    assert [lanes.step(lane).more for lane in range(LANES)] == [False, False]
    (tmp_path / ".a1.json").write_bytes(b"one\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a2.json").write_bytes(b"two\n")
    for _ in range(3):
        [lanes.step(lane) for lane in range(LANES)]
    assert dict(lanes.lines) == {"a2.json": [(0, b"two\n")]}
    (tmp_path / ".a1.json").rename(tmp_path / "a1.json")
    for _ in range(3):
        readings = [lanes.step(lane) for lane in range(LANES)]
    assert lanes.lines["a1.json"] == [(0, b"one\n")]
    assert not any(reading.ended or reading.more or reading.behind for reading in readings)
    lanes.reader.close()


def test_a_file_that_is_done_may_go_and_is_forgotten(tmp_path: Path) -> None:
    lanes = Lanes(source(tmp_path, bounded=False))
    (tmp_path / "a.json").write_bytes(b"one\n")
    for _ in range(3):
        [lanes.step(lane) for lane in range(LANES)]
    (tmp_path / "a.json").unlink()
    [lanes.step(lane) for lane in range(LANES)]
    assert lanes.positions == [{}, {}]
    lanes.reader.close()


def test_a_file_that_goes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    lanes = Lanes(source(tmp_path, bounded=False, size=1))
    (tmp_path / "a.json").write_bytes(b"x" * 60 + b"\n" + b"y" * 60 + b"\n")
    [lanes.step(lane) for lane in range(LANES)]
    (tmp_path / "a.json").unlink()
    with pytest.raises(SourceError, match=r"a.json is gone before it was read to its end"):
        [lanes.step(lane) for lane in range(LANES)]
    lanes.reader.close()


def test_a_damaged_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"line\n" * 1_000)[:-20])
    lanes = Lanes(source(tmp_path))
    with pytest.raises(SourceError, match=r"a.json.gz cannot be read"):
        lanes.finish()
    lanes.reader.close()


def test_an_outage_of_the_directory_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reader = FilesReader(source(tmp_path / "gone", bounded=False))
    assert reader.read(0, {}, True, {}) is None
    assert "cannot be listed" in capsys.readouterr().err


def test_one_file_alone(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(b"not me\n")
    (tmp_path / "a.json").write_bytes(b"me\n")
    found = Files((tmp_path / "a.json").as_uri(), "", LANES, 4_000, 0.0, 64)
    assert [Path(path).name for path in found.list()] == ["a.json"]


def test_merged_files_go_on_where_time_is_furthest_back(tmp_path: Path) -> None:
    for name, first in (("a", 100), ("b", 400), ("c", 102)):
        (tmp_path / f"{name}-0.txt").write_bytes(b"".join(b"%05d\n" % (first + i) for i in range(100)))
    found = replace(source(tmp_path, size=66), lanes=1, merged=True)
    lanes = Lanes(replace(found, listing=found.list()))
    seen: list[tuple[str, int]] = []
    while not (reading := lanes.step(0)).ended:
        for block in reading.blocks:
            last = int(block.data.tobytes().splitlines()[-1])
            seen.append((Path(block.part).name[0], last))
            lanes.times[block.part] = last
        assert len(reading.unread) + sum(position == DONE for position in lanes.positions[0].values()) == 3
    assert {name for name, _ in seen[:3]} == {"a", "b", "c"}
    parallel = [last for name, last in seen[3:] if name != "b"]
    assert parallel == sorted(parallel)
    assert [name for name, _ in seen].index("b", 3) > max(i for i, (name, _) in enumerate(seen) if name != "b")
    assert {name: len(lines) for name, lines in lanes.lines.items()} == {"a-0.txt": 100, "b-0.txt": 100, "c-0.txt": 100}
