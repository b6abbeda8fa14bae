from __future__ import annotations

import pytest

from jobs.dead_letters.choice import Choice, is_at, is_within, reasons_of, time_of
from jobs.dead_letters.letter import Position, decode
from tests.unit.jobs.dead_letters.test_letter import written
from udfs.decode.reject import Reason
from udfs.errors import ConfigurationError

RECORD = Position(topic="clicks", partition=1, offset=7, index=2)
LINE = Position(file="/in/day=1/a.ndjson", byte=9)


@pytest.mark.parametrize("source", ["clicks", "clicks:1", "clicks:1:7", "clicks:1:7-7", "clicks:1:0-9"])
def test_parts_of_a_topic(source: str) -> None:
    assert is_within(RECORD, source)
    assert not is_within(LINE, source)


@pytest.mark.parametrize("source", ["click", "clicks:0", "clicks:1:8", "clicks:1:8-9", "clicks:1:0-6", "clicks:*", "*"])
def test_other_parts_of_topics(source: str) -> None:
    assert not is_within(RECORD, source)


@pytest.mark.parametrize("source", ["a.ndjson", "*.ndjson", "/in/*", "/in/day=1/a.ndjson", "*"])
def test_patterns_of_files(source: str) -> None:
    assert is_within(LINE, source)


def test_another_file() -> None:
    assert not is_within(LINE, "b.ndjson")
    assert not is_within(LINE, "/in")


def test_at_a_position() -> None:
    assert is_at(RECORD, ["other", "clicks:1:7:2"])
    assert is_at(RECORD, ["clicks:1:7"])
    assert is_at(LINE, ["/in/day=1/a.ndjson:9"])
    assert not is_at(RECORD, ["clicks:1"])
    assert not is_at(LINE, ["/in/day=1/a.ndjson"])


def test_all_that_is_asked_for_must_hold() -> None:
    letter = decode(written())
    assert letter in Choice()
    assert letter in Choice(reasons=frozenset([Reason.NOT_JSON]), since=1, until=2, sources=("b", "/in/*"))
    assert letter not in Choice(reasons=frozenset([Reason.NOT_CSV]))
    assert letter not in Choice(since=2)
    assert letter not in Choice(until=1)
    assert letter not in Choice(sources=("b",))


def test_times_and_reasons() -> None:
    assert time_of("--since", None, 5) is None
    assert time_of("--since", "2s", 5_000_000) == 3_000_000
    assert time_of("--since", "1970-01-02", 5) == 86_400_000_000
    with pytest.raises(ConfigurationError, match="--until is 'noon'"):
        time_of("--until", "noon", 5)
    assert reasons_of(["not_csv", "too_late"]) == {Reason.NOT_CSV, Reason.TOO_LATE}
    with pytest.raises(ConfigurationError, match="not_json, not_csv"):
        reasons_of(["late"])
