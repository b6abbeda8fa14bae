"""Replays into a directory: which event stands in which file, and where."""

from __future__ import annotations

import shutil

import pytest

from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.item import MOST
from jobs.dead_letters.prepare import Skip
from jobs.reader.headers import header as cached
from tests.unit.jobs.dead_letters.sample import HOUR, NOW, FileJob, click, why


def test_a_file_in_the_order_of_event_time(job: FileJob) -> None:
    early, late = click(9, price=20), click(1, price=20)
    broken = b"{\xff"
    job.read(job.write("a.ndjson", late, early, broken))
    job.configure(25)
    result = job.send()
    assert len(result.items) == 3
    (file,) = job.replays()
    assert file.read_bytes() == b"\n".join([broken, early, late, b""])
    starts = [0, len(broken) + 1, len(broken) + len(early) + 2]
    assert [job.ledger.attempts(f"{file}:{start}") for start in starts] == [1, 1, 1]
    assert job.ledger.first(f"{file}:{starts[2]}") == f"{job.given}/a.ndjson:0"
    job.read(file, NOW + HOUR)
    assert str(job.letters[-1].source) == f"{file}:0"


def test_lines_end_as_they_did(job: FileJob) -> None:
    (job.given / "a.ndjson").write_bytes(b' {"a": 1} \r\n\r\n {"b": 2}')
    assert job.read(job.given / "a.ndjson") == 2
    job.send()
    assert job.replays()[0].read_bytes() == b' {"a": 1} \n {"b": 2}\n'


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
    cached.cache_clear()
    job.configure(40, format="csv")
    result = job.send()
    assert why(result) == [Skip.NO_COLUMNS]
    assert [item.verdict.reason for item in result.items] == [None, None]
    files = job.replays()
    assert {path.read_bytes() for path in files} == {
        one + b"\n" + b"e1,%d,u1,i1,20,0\n" % time,
        other + b"\n" + b"%d,e2,u1,i1,0,30\n" % time,
    }
    job.configure(10, format="csv")
    assert [job.read(path, NOW + HOUR) for path in files] == [1, 1]
    assert [job.ledger.failed_after(str(letter.source)) for letter in job.letters[-2:]] == [1, 1]


def test_a_large_choice_becomes_several_replays(job: FileJob) -> None:
    text = b"".join(b"%d\n" % i for i in range(MOST + 1))
    (job.given / "a.ndjson").write_bytes(text)
    job.read(job.given / "a.ndjson")
    assert len(job.send().items) == MOST + 1
    assert [path.read_bytes().count(b"\n") for path in job.replays()] in ([MOST, 1], [1, MOST])
    assert set(why(job.send())) == {Skip.SENT_BEFORE}


def test_a_directory_that_cannot_be_written(job: FileJob) -> None:
    job.read(job.write("a.ndjson", click(1, price=20)))
    (job.folder / "file").write_text("")
    with pytest.raises(ReplayError, match="cannot be written"):
        job.send(to=str(job.folder / "file" / "below"))
    assert len(job.send().items) == 1


def test_a_file_that_the_job_has_read_is_not_replaced(job: FileJob) -> None:
    job.read(job.write("a.ndjson", click(1, price=20)))
    job.send()
    shutil.rmtree(job.out / "replays")
    with pytest.raises(ReplayError, match="the ledger does not know"):
        job.send()
    assert job.ledger.unfinished == []
    job.replays()[0].unlink()
    assert len(job.send().items) == 1
