from __future__ import annotations

from pathlib import Path

import pytest

from jobs.dead_letters.ledger import Entry, Ledger, Replay
from jobs.dead_letters.letter import decode
from jobs.dead_letters.summary import Group, keys_of, summary
from tests.unit.jobs.dead_letters.test_letter import LINE, RECORD, written
from udfs.errors import ConfigurationError

LETTERS = [
    decode(written(reason="too_late", source=RECORD, step="user")),
    decode(written()),
    decode(written(source=LINE | {"byte": 5})),
]


def test_largest_first(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path))
    entry = Entry(letter="/in/a.ndjson:5", first="/in/a.ndjson:5", attempt=2)
    ledger.put(Replay(digest="0", target="/in/r", done=True, written=0, entries=(entry,)))
    hour = "1970-01-01T00:00Z"
    assert summary(LETTERS, ledger) == [
        Group(reason="not_json", step="pack", source="/in/a.ndjson", hour=hour, letters=2, replayed=1, attempts=2),
        Group(reason="too_late", step="user", source="clicks/0", hour=hour, letters=1, replayed=0, attempts=0),
    ]
    by_hour = summary(LETTERS, ledger, ("hour",))
    assert by_hour == [Group(hour=hour, letters=3, replayed=1, attempts=2)]
    assert summary([], ledger) == []


def test_keys() -> None:
    assert keys_of(None) == ("reason", "step", "source", "hour")
    assert keys_of(["hour", "step", "hour"]) == ("hour", "step")
    with pytest.raises(ConfigurationError, match="reason, step, source, hour"):
        keys_of(["day"])
