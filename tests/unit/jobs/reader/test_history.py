"""An archive on disk and topics that are pretended: what is read, in which order, wherever it is restarted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.reader import rendezvous
from jobs.reader.files import Files
from jobs.reader.history import History, HistoryReader
from jobs.reader.lanes import lane_of
from jobs.reader.reader import Block, Reading, SourceError
from jobs.reader.topics import Topics, TopicsReader
from udfs.stages.read import ARCHIVE, DONE

LANES = 3
HELD = {"clicks/0": 4, "clicks/1": 3}
"""How many records each partition holds; two of three lanes have one."""


class PretendedReader(TopicsReader):
    """Gives a record of each partition at a time, and none at every other call."""

    def __init__(self, source: Topics) -> None:
        self._calls = 0
        self.begun: list[bool] = []

    def read(self, lane: int, positions: Mapping[str, int], begun: bool, times: Mapping[str, int]) -> Reading | None:
        assert not [part for part in positions if part not in HELD]
        self._calls += 1
        self.begun.append(begun)
        if self._calls % 2:
            return None
        reading = Reading(parts=[part for part in HELD if lane_of(part, LANES) == lane])
        for part in reading.parts:
            at = positions.get(part, 0)
            reading.positions[part] = min(at + 1, HELD[part])
            if at < HELD[part]:
                spans = np.array([[0, 1]], np.int64)
                reading.blocks.append(Block(part, np.zeros(1, np.uint8), spans, np.array([at])))
        reading.ended = all(at == HELD[part] for part, at in reading.positions.items())
        return reading

    def close(self) -> None:
        pass


class Pretended(Topics):
    """Topics without a broker."""

    def open(self) -> TopicsReader:
        return PretendedReader(self)


class Lanes:
    """Reads every lane, keeping positions as the job does."""

    def __init__(self, folder: Path, topics: tuple[str, ...] = ("clicks",)) -> None:
        self.folder = folder
        files = Files((folder / "in").as_uri(), ".*", LANES, size=8, poll=0.0, max_line=8, once=True)
        self._starts = 0
        self.source = History(files, Pretended(topics, LANES, 1, {}), (folder / "meet-0").as_uri())
        self.positions: list[dict[str, int]] = [{} for _ in range(LANES)]
        self.read: list[tuple[str, int]] = []
        self.reader = self.source.open()

        self._held = [dict(positions) for positions in self.positions], list(self.read)

    def start(self) -> None:
        """Go on as another start of the job, whose lanes meet elsewhere."""
        self._starts += 1
        self.source = replace(self.source, rendezvous=(self.folder / f"meet-{self._starts}").as_uri())
        self._open()

    def _open(self) -> None:
        self.reader.close()
        self.reader = self.source.open()

    def checkpoint(self) -> None:
        self._held = [dict(positions) for positions in self.positions], list(self.read)

    def restore(self, anew: bool) -> None:
        """Go back to the checkpoint, as a job does of which a worker was killed, or that is started anew."""
        self.start() if anew else self._open()
        self.positions, self.read = [dict(positions) for positions in self._held[0]], list(self._held[1])

    def step(self, lane: int) -> Reading | None:
        reading = self.reader.read(lane, self.positions[lane], bool(self.positions[lane]), {})
        if reading is not None:
            for block in reading.blocks:
                start = int(block.offsets[0])
                lines = block.data.tobytes().splitlines(keepends=True) if "/in/" in block.part else [b""]
                for line in lines:
                    self.read.append((block.part, start))
                    start += len(line)
            self.positions[lane] |= reading.positions
            for part in reading.gone:
                self.positions[lane].pop(part)
        return reading

    def finish(self) -> None:
        ended: set[int] = set()
        for _ in range(1_000):
            for lane in range(LANES):
                reading = self.step(lane)
                if reading is not None and reading.ended:
                    ended.add(lane)
            if len(ended) == LANES:
                return
        raise AssertionError(f"only lanes {ended} have ended")


def archive(folder: Path, files: dict[str, int]) -> None:
    """Write files of so many lines of two bytes."""
    (folder / "in").mkdir()
    for name, lines in files.items():
        (folder / "in" / name).write_bytes(b"x\n" * lines)


@pytest.fixture(autouse=True, scope="module")
def impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rendezvous, "POLL_SECONDS", 0.0)
        yield


written = st.dictionaries(st.sampled_from(("1.json", "2.json", "3.json", "4.json")), st.integers(0, 12))


@settings(deadline=None, max_examples=60)
@given(written, st.lists(st.integers(-1, LANES - 1), max_size=60))
def test_every_line_once_and_the_archive_first(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, int], steps: list[int]
) -> None:
    """Steps are lanes that are read; -1 is a stop with a savepoint, and another start."""
    folder = tmp_path_factory.mktemp("history")
    archive(folder, files)
    lanes = Lanes(folder)
    for step in steps:
        if step < 0:
            lanes.start()
        else:
            lanes.step(step)
    lanes.finish()
    lines = check(lanes, files)
    assert {part for part, _ in lanes.read[:lines]}.isdisjoint(HELD)
    assert all(positions[ARCHIVE] == DONE for positions in lanes.positions)
    assert not [part for positions in lanes.positions for part in positions if "/in/" in part]


@settings(deadline=None, max_examples=60)
@given(written, st.lists(st.integers(-3, LANES - 1), max_size=60))
def test_every_line_once_whatever_is_killed(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, int], steps: list[int]
) -> None:
    """Steps are lanes that are read; -1 is a killed worker, -2 a killed job, -3 a checkpoint."""
    folder = tmp_path_factory.mktemp("history")
    archive(folder, files)
    lanes = Lanes(folder)
    for step in steps:
        if step in (-1, -2):
            lanes.restore(anew=step == -2)
        elif step == -3:
            lanes.checkpoint()
        else:
            lanes.step(step)
    lanes.finish()
    check(lanes, files)


def check(lanes: Lanes, files: dict[str, int]) -> int:
    """Check that every line and record was read once; return how many lines there are."""
    folder = lanes.folder / "in"
    lines = [(str(folder / name), 2 * line) for name, n in files.items() for line in range(n)]
    records = [(part, offset) for part, n in HELD.items() for offset in range(n)]
    assert sorted(lanes.read) == sorted(lines + records)
    return len(lines)


def test_a_lane_waits_for_the_files_of_others_and_holds_no_time_back(tmp_path: Path) -> None:
    archive(tmp_path, {"1.json": 12})
    lanes = Lanes(tmp_path)
    (busy,) = {lane_of(str(tmp_path / "in" / "1.json"), LANES)}
    idle = next(lane for lane in range(LANES) if lane != busy)
    for _ in range(5):
        reading = lanes.step(idle)
        assert reading == Reading(held=True)
    assert (busy_reading := lanes.step(busy)) is not None
    assert busy_reading.more
    assert busy_reading.held
    assert busy_reading.unread == [str(tmp_path / "in" / "1.json")]


def test_a_lane_that_went_on_does_not_let_those_wait_that_are_restored_to_before(tmp_path: Path) -> None:
    archive(tmp_path, {})
    lanes = Lanes(tmp_path)
    for lane in (0, 1, 2, 2, 2):
        lanes.step(lane)
    assert [ARCHIVE in positions for positions in lanes.positions] == [False, False, True]
    lanes.start()
    lanes.finish()
    check(lanes, {})


def test_a_lane_is_held_until_it_goes_on(tmp_path: Path) -> None:
    archive(tmp_path, {"1.json": 3})
    lanes = Lanes(tmp_path)
    for _ in range(20):
        for lane in range(LANES):
            if (reading := lanes.step(lane)) is not None:
                assert reading.held != (ARCHIVE in lanes.positions[lane])
    assert all(ARCHIVE in positions for positions in lanes.positions)


def test_what_comes_to_the_archive_after_a_lane_has_gone_on_is_not_read(tmp_path: Path) -> None:
    archive(tmp_path, {"1.json": 1})
    lanes = Lanes(tmp_path)
    lanes.finish()
    read = len(lanes.read)
    for name in ("2.json", "3.json", "4.json"):
        (tmp_path / "in" / name).write_bytes(b"x\n")
    lanes.start()
    lanes.finish()
    assert len(lanes.read) == read


def test_partitions_begin_where_the_switch_says_only_once(tmp_path: Path) -> None:
    archive(tmp_path, {})
    lanes = Lanes(tmp_path)
    lanes.finish()
    pretended: Any = lanes.reader._topics
    first = [begun for begun in pretended.begun if not begun]
    lanes.start()
    lanes.finish()
    assert len(first) >= LANES
    assert all(lanes.reader._topics.begun)  # type: ignore[attr-defined]


def test_topics_that_were_read_before_are_no_continuation(tmp_path: Path) -> None:
    archive(tmp_path, {})
    lanes = Lanes(tmp_path)
    lanes.positions[0] = {"clicks/0": 7}
    with pytest.raises(SourceError, match="clicks/0 was read before the archive"):
        lanes.step(0)


def test_the_topic_of_a_file_is_its_innermost_folder_of_that_name(tmp_path: Path) -> None:
    one, two = Lanes(tmp_path).source, Lanes(tmp_path, ("clicks", "carts")).source
    assert one.topic_of("/data/carts/0.json") == "clicks"
    assert two.topic_of("s3://shop/clicks/carts/2026/0.json") == "carts"
    assert two.topic_of("/data/clicks") == ""
    assert two.topic_of("clicks/0") == one.topic_of("clicks/0") == "clicks"


def test_topics_alone_do_not_go_on_in_the_middle_of_an_archive() -> None:
    source = Topics(("clicks",), 1, 1, {}, ends={"clicks/0": 1})
    reader = TopicsReader(source)
    with pytest.raises(SourceError, match="The archive was not read to its end: /in/a is"):
        reader.read(0, {"/in/a": DONE}, True, {})


def test_a_reader_is_opened_without_a_broker_or_a_directory(tmp_path: Path) -> None:
    source = History(
        Files((tmp_path / "none").as_uri(), ".*", 1, 8, 0.0, 8, once=True), Pretended((), 1, 1, {}), tmp_path.as_uri()
    )
    assert isinstance(source.open(), HistoryReader)
