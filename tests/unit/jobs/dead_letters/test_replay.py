"""Replays into a directory: which letters go, in which file, and what a crash leaves."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.folder import Folder
from jobs.dead_letters.item import MOST
from jobs.dead_letters.ledger import Entry, Ledger, Replay
from jobs.dead_letters.letter import Letter, decode
from jobs.dead_letters.prepare import Rules, Skip
from jobs.dead_letters.reading import Letters
from jobs.dead_letters.replay import Request, Result, replay
from tests.unit.jobs.dead_letters.sample import HOUR, NOW, FileJob, click, letters_of
from tests.unit.jobs.dead_letters.test_letter import written


@pytest.fixture
def job(tmp_path: Path) -> FileJob:
    return FileJob(tmp_path)


def ledger(job: FileJob) -> Ledger:
    return Ledger(str(job.out / "replays"))


def letters(job: FileJob) -> list[Letter]:
    return list(Letters(Folder.open(str(job.out))))


def send(job: FileJob, found: list[Letter] | None = None, **request: Any) -> Result:
    rules = request.pop("rules", Rules())
    chosen = letters(job) if found is None else found
    return replay(job.configuration, chosen, ledger(job), Request(rules, bounded=True, **request), NOW)


def why(result: Result) -> list[str]:
    return [skipped.why for skipped in result.skipped]


def test_a_file_in_the_order_of_event_time(job: FileJob) -> None:
    early, late = click(9, price=20), click(1, price=20)
    broken = b"{\xff"
    job.read(job.write("a.ndjson", late, early, broken))
    job.configure(25)
    result = send(job)
    assert len(result.items) == 3
    (file,) = job.replays()
    assert file.read_bytes() == b"\n".join([broken, early, late, b""])
    starts = [0, len(broken) + 1, len(broken) + len(early) + 2]
    assert [ledger(job).attempts(f"{file}:{start}") for start in starts] == [1, 1, 1]
    assert ledger(job).first(f"{file}:{starts[2]}") == f"{job.given}/a.ndjson:0"
    job.read(file, NOW + HOUR)
    assert str(letters(job)[-1].source) == f"{file}:0"


def test_lines_end_as_they_did(job: FileJob) -> None:
    (job.given / "a.ndjson").write_bytes(b' {"a": 1} \r\n\r\n {"b": 2}')
    assert job.read(job.given / "a.ndjson") == 2
    send(job)
    assert job.replays()[0].read_bytes() == b' {"a": 1} \n {"b": 2}\n'


def test_letters_that_do_not_hold_the_original(job: FileJob) -> None:
    long, huge = click(1, price=20, note="x" * 9000), b"y" * 70_000
    file = job.write("a.ndjson", long, huge)
    job.read(file)
    anew = decode(written(b"[]", "stage_error", {"file": str(file), "byte": 0}, "user", "canonical"))
    assert why(send(job)) == [Skip.TRUNCATED, Skip.TRUNCATED]
    assert why(send(job, [anew])) == [Skip.RE_ENCODED]
    job.configure(25)
    result = send(job, refetch=True)
    assert [item.line for item in result.items] == [long]
    assert [(skipped.why, skipped.message) for skipped in result.skipped] == [
        (Skip.GONE, "the line is longer than max_line, 65536 bytes")
    ]
    assert job.replays()[0].read_bytes() == long + b"\n"
    assert [item.line for item in send(job, [anew], refetch=True, rules=Rules(again=True)).items] == [long]
    file.unlink()
    assert why(send(job, [anew], refetch=True, rules=Rules(again=True))) == [Skip.GONE]


def test_events_that_were_accepted_are_not_sent_twice(job: FileJob) -> None:
    failed = decode(written(b"{}", "stage_error", {"file": "/in/a", "byte": 0}, "train", "canonical"))
    assert why(send(job, [failed], refetch=True)) == [Skip.ACCEPTED_BEFORE]


def test_of_several_letters_at_one_position_the_newest_counts(job: FileJob) -> None:
    file = job.write("a.ndjson", click(1, price=20))
    for hour in (1, 2, 0):
        job.read(file, NOW + hour * HOUR)
    result = send(job)
    assert [item.letter.ingest_time for item in result.items] == [NOW + 2 * HOUR]


def test_topics_need_a_configuration_that_reads_them(job: FileJob) -> None:
    found = [decode(letter) for letter in letters_of(click(1, price=20), "t/0", job.configuration)]
    cut = decode(written(b"{", source={"topic": "t", "partition": 0, "offset": 1, "index": 0}, size=9000))
    result = send(job, [*found, cut], refetch=True)
    assert [item.line for item in result.items] == [click(1, price=20)]
    assert [skipped.message for skipped in result.skipped] == [
        "the configuration reads no topics, so t/0 cannot be asked"
    ]


def test_headers_of_csv_files(job: FileJob) -> None:
    job.configure(10, format="csv")
    one, other = b"event_id,ts,user,item,price,click", b"ts,event_id,user,item,click,price"
    time = NOW // 1000
    for name, header, line in (
        ("a.csv", one, b"e1,%d,u1,i1,20,0" % time),
        ("b.csv", other, b"%d,e2,u1,i1,0,30" % time),
        ("gone.csv", one, b"e3,%d,u1,i1,20,0" % time),
    ):
        assert job.read(job.write(name, header, line)) == 1
    (job.given / "gone.csv").unlink()
    from jobs.reader.headers import header as cached

    cached.cache_clear()
    job.configure(40, format="csv")
    result = send(job)
    assert why(result) == [Skip.NO_COLUMNS]
    assert [item.verdict.reason for item in result.items] == [None, None]
    files = job.replays()
    assert {path.read_bytes() for path in files} == {
        one + b"\n" + b"e1,%d,u1,i1,20,0\n" % time,
        other + b"\n" + b"%d,e2,u1,i1,0,30\n" % time,
    }
    job.configure(10, format="csv")
    assert [job.read(path, NOW + HOUR) for path in files] == [1, 1]
    assert [ledger(job).failed_after(str(letter.source)) for letter in letters(job)[-2:]] == [1, 1]


def test_a_large_choice_becomes_several_replays(job: FileJob) -> None:
    text = b"".join(b"%d\n" % i for i in range(MOST + 1))
    (job.given / "a.ndjson").write_bytes(text)
    job.read(job.given / "a.ndjson")
    assert len(send(job).items) == MOST + 1
    assert [path.read_bytes().count(b"\n") for path in job.replays()] in ([MOST, 1], [1, MOST])
    assert set(why(send(job))) == {Skip.SENT_BEFORE}


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
            send(job)
    result = send(job)
    assert (len(result.items), len(result.skipped)) == (1 - puts, puts)
    assert [path.read_bytes() for path in job.replays()] == [click(1, price=20) + b"\n"]
    assert why(send(job)) == [Skip.SENT_BEFORE]
    assert [path.name for path in job.given.iterdir() if path.name.startswith(".")] == []


def test_a_crash_before_the_file_has_its_name(job: FileJob, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs.dead_letters.to_folder import ToFolder

    job.read(job.write("a.ndjson", click(1, price=20)))

    def crash(self: ToFolder, replay: Replay) -> Replay:
        raise Crash

    with monkeypatch.context() as patch, contextlib.suppress(Crash):
        patch.setattr(ToFolder, "complete", crash)
        send(job)
    assert job.replays() == []
    assert why(send(job, dry_run=True)) == [Skip.SENT_BEFORE]
    assert job.replays() == []
    assert why(send(job)) == [Skip.SENT_BEFORE]
    assert [path.read_bytes() for path in job.replays()] == [click(1, price=20) + b"\n"]


def test_a_replay_to_a_topic_is_finished_with_its_own_configuration(job: FileJob) -> None:
    entry = Entry(letter="t:0:1:0", first="t:0:1:0", attempt=1)
    ledger(job).put(Replay(digest="0", target="t", done=False, written=0, entries=(entry,)))
    with pytest.raises(ReplayError, match="A replay to t was begun"):
        send(job, [])


def test_a_directory_that_cannot_be_written(job: FileJob) -> None:
    job.read(job.write("a.ndjson", click(1, price=20)))
    (job.folder / "file").write_text("")
    with pytest.raises(ReplayError, match="cannot be written"):
        send(job, to=str(job.folder / "file" / "below"))
    assert len(send(job).items) == 1
