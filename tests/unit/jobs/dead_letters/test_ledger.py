from __future__ import annotations

from pathlib import Path

import pytest

from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.ledger import Entry, Ledger, Replay, digest_of, locked
from udfs.errors import ConfigurationError


def replay(*entries: Entry, done: bool = True) -> Replay:
    return Replay(digest=digest_of("t", entries), target="t", done=done, written=1, entries=entries)


FIRST = Entry(letter="t:0:1:0", first="t:0:1:0", attempt=1, sent="t:0:9:0")
SECOND = Entry(letter="t:0:9:0", first="t:0:1:0", attempt=2, sent="t:0:12:0")


def test_an_event_is_followed_through_its_replays(tmp_path: Path) -> None:
    uri = str(tmp_path / "replays")
    for one in (FIRST, SECOND):
        Ledger(uri).put(replay(one))
    ledger = Ledger(uri)
    letters = ("t:0:1:0", "t:0:9:0", "t:0:12:0", "t:0:2:0")
    assert [ledger.is_sent(letter) for letter in letters] == [True, True, False, False]
    assert [ledger.attempts(letter) for letter in letters] == [1, 2, 2, 0]
    assert [ledger.failed_after(letter) for letter in letters] == [0, 1, 2, 0]
    assert [ledger.first(letter) for letter in letters] == ["t:0:1:0"] * 3 + ["t:0:2:0"]
    assert ledger.unfinished == []


def test_what_was_begun_counts_as_sent_until_it_is_finished(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path))
    unknown = Entry(letter="t:0:1:0", first="t:0:1:0", attempt=1)
    begun = replay(unknown, done=False)
    ledger.put(begun)
    assert Ledger(str(tmp_path)).unfinished == [begun]
    assert ledger.is_sent("t:0:1:0")
    ledger.put(Replay(digest=begun.digest, target="t", done=True, written=1, entries=()))
    ledger.reload()
    assert (ledger.is_sent("t:0:1:0"), ledger.unfinished) == (False, [])


def test_a_digest_names_attempts_and_target() -> None:
    assert digest_of("t", [FIRST, SECOND]) == digest_of("t", [SECOND, FIRST])
    others = [digest_of("u", [FIRST]), digest_of("t", [SECOND]), digest_of("t", [FIRST, SECOND])]
    again = Entry(letter="t:0:1:0", first="t:0:1:0", attempt=2)
    assert len({digest_of("t", [FIRST]), digest_of("t", [again]), *others}) == 5


def test_without_a_directory_it_is_empty() -> None:
    ledger = Ledger(None)
    assert (ledger.attempts("t:0:1:0"), ledger.unfinished) == (0, [])
    with pytest.raises(ConfigurationError, match="--ledger"), locked(None):
        pass


def test_damage_is_no_empty_ledger(tmp_path: Path) -> None:
    (tmp_path / "replay-1.json").write_text("{")
    (tmp_path / "others.txt").write_text("not of the ledger")
    with pytest.raises(ReplayError, match="sent twice"):
        Ledger(str(tmp_path))


def test_one_replay_at_a_time(tmp_path: Path) -> None:
    uri = str(tmp_path / "replays")
    with locked(uri), pytest.raises(ConfigurationError, match="Another replay holds"), locked(uri):
        pass
    with locked(uri) as ledger:
        ledger.put(replay(FIRST))
    assert Ledger(uri).is_sent("t:0:1:0")
