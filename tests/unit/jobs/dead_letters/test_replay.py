"""A replay that is interrupted at any moment neither loses an event nor sends one twice."""

from __future__ import annotations

import contextlib

import pytest

from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.ledger import Entry, Ledger, Replay
from jobs.dead_letters.prepare import Skip
from jobs.dead_letters.to_folder import ToFolder
from tests.unit.jobs.dead_letters.sample import FileJob, click, why


class Crash(Exception):
    pass


@pytest.mark.parametrize("puts", [0, 1])
def test_a_crash_neither_loses_nor_doubles(job: FileJob, puts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    job.read(job.write("a.ndjson", click(1, price=20)))
    left = [None] * puts
    put = Ledger.put

    def crash(self: Ledger, replay: Replay) -> None:
        if not left:
            raise Crash
        left.pop()
        put(self, replay)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "put", crash)
        with pytest.raises(Crash):
            job.send()
    result = job.send()
    assert (len(result.items), len(result.skipped)) == (1 - puts, puts)
    assert [path.read_bytes() for path in job.replays()] == [click(1, price=20) + b"\n"]
    assert why(job.send()) == [Skip.SENT_BEFORE]
    assert [path.name for path in job.given.iterdir() if path.name.startswith(".")] == []


def test_a_crash_before_the_file_has_its_name(job: FileJob, monkeypatch: pytest.MonkeyPatch) -> None:
    job.read(job.write("a.ndjson", click(1, price=20)))

    def crash(self: ToFolder, replay: Replay) -> Replay:
        raise Crash

    with monkeypatch.context() as patch, contextlib.suppress(Crash):
        patch.setattr(ToFolder, "complete", crash)
        job.send()
    assert job.replays() == []
    assert why(job.send(dry_run=True)) == [Skip.SENT_BEFORE]
    assert job.replays() == []
    assert why(job.send()) == [Skip.SENT_BEFORE]
    assert [path.read_bytes() for path in job.replays()] == [click(1, price=20) + b"\n"]


def test_a_replay_to_a_topic_is_finished_with_its_own_configuration(job: FileJob) -> None:
    entry = Entry(letter="t:0:1:0", first="t:0:1:0", attempt=1)
    job.ledger.put(Replay(digest="0", target="t", done=False, written=0, entries=(entry,)))
    with pytest.raises(ReplayError, match="A replay to t was begun"):
        job.send([])
