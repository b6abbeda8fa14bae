"""Where partitions begin, by what a broker tells of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jobs.config.switch import Switch
from jobs.reader.partitions import partition_of
from jobs.reader.reader import SourceError
from jobs.reader.start import Start, first_offsets, start_after

PART = partition_of("clicks/0")


class Asked:
    """A consumer that knows one partition: the milliseconds of its records, the first ``removed`` of which are gone."""

    def __init__(self, written: list[int], removed: int = 0) -> None:
        self._written, self._removed = written, removed

    def beginning_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, self._removed)

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, len(self._written))

    def offsets_for_times(self, wanted: dict[Any, int]) -> dict[Any, Any]:
        def first(ms: int) -> Any:
            found = [i for i in range(self._removed, len(self._written)) if self._written[i] >= ms]
            return SimpleNamespace(offset=found[0]) if found else None

        return {partition: first(ms) for partition, ms in wanted.items()}

    def committed(self, partition: Any) -> int | None:
        return None


def begin(start: Start, written: list[int], removed: int = 0, begun: bool = False) -> int:
    return first_offsets(Asked(written, removed), [PART], start, begun)["clicks/0"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (Start(), 1),
        (Start("latest"), 4),
        (Start("committed"), 1),
        (Start("timestamp", ms=30), 2),
        (Start("timestamp", ms=99), 4),
        (Start("offsets", offsets={"clicks/0": 3}), 3),
    ],
)
def test_where_a_partition_begins(start: Start, expected: int) -> None:
    assert begin(start, [10, 20, 30, 40], removed=1) == expected


def test_no_partitions_begin_nowhere() -> None:
    assert first_offsets(Asked([]), [], Start()) == {}


def test_one_that_is_added_begins_at_its_beginning() -> None:
    assert begin(Start("latest"), [10, 20], begun=True) == 0
    assert begin(Start("offsets", offsets={"other/0": 1}), [10, 20], begun=True) == 0
    assert begin(Start("offsets", offsets={"clicks/0": 1}), [10, 20], begun=True) == 1


WHOLE = Start("timestamp", ms=30, whole=True)


@pytest.mark.parametrize(
    ("written", "removed"),
    [
        pytest.param([30, 40], 1, id="the oldest that is left may not be the first of them"),
        pytest.param([10, 20], 2, id="nothing is left"),
        pytest.param([50, 60, 70], 1, id="the oldest is younger"),
    ],
)
def test_a_topic_that_may_have_lost_some_is_refused(written: list[int], removed: int) -> None:
    with pytest.raises(SourceError, match="clicks/0 may no longer hold all from the switch on"):
        begin(WHOLE, written, removed)
    assert begin(Start("timestamp", ms=30), written, removed) >= removed


@pytest.mark.parametrize(
    ("written", "removed", "expected"),
    [
        pytest.param([10, 20, 30], 1, 2, id="an older one is still there"),
        pytest.param([40, 50], 0, 0, id="nothing was ever removed"),
        pytest.param([10, 20], 1, 2, id="all are older"),
        pytest.param([], 0, 0, id="a new topic"),
    ],
)
def test_a_topic_that_has_lost_none_is_taken(written: list[int], removed: int, expected: int) -> None:
    assert begin(WHOLE, written, removed) == expected


def test_offsets_must_be_there() -> None:
    given = Start("offsets", offsets={"clicks/0": 1}, whole=True)
    assert begin(given, [10, 20], removed=1) == 1
    with pytest.raises(SourceError, match="its oldest record is at 2"):
        begin(given, [10, 20, 30], removed=2)
    assert begin(Start("offsets", offsets={"clicks/0": 1}), [10, 20, 30], removed=2) == 2
    with pytest.raises(SourceError, match="clicks/0 ends at offset 0, before 1"):
        begin(given, [])
    with pytest.raises(SourceError, match="clicks/0 has no offset to begin at"):
        begin(Start("offsets", offsets={"clicks/1": 0}), [10])


def test_behind_an_archive() -> None:
    assert start_after(Switch(time="1970-01-02")) == Start("timestamp", ms=82_800_000, whole=True)  # type: ignore[arg-type]
    assert start_after(Switch(time="1970-01-01")).ms == 0  # type: ignore[arg-type]
    accepting = start_after(Switch(offsets={"clicks/0": 7}, gap="accept"))
    assert accepting == Start("offsets", offsets={"clicks/0": 7})
