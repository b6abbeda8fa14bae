"""Which letters can be sent anew."""

from __future__ import annotations

from jobs.dead_letters.letter import decode
from jobs.dead_letters.prepare import Rules, Skip
from tests.unit.jobs.dead_letters.sample import HOUR, NOW, FileJob, click, letters_of, why
from tests.unit.jobs.dead_letters.test_letter import written


def test_letters_that_do_not_hold_the_original(job: FileJob) -> None:
    long, huge = click(1, price=20, note="x" * 9000), b"y" * 70_000
    file = job.write("a.ndjson", long, huge)
    job.read(file)
    anew = decode(written(b"[]", "stage_error", {"file": str(file), "byte": 0}, "user", "canonical"))
    assert why(job.send()) == [Skip.TRUNCATED, Skip.TRUNCATED]
    assert why(job.send([anew])) == [Skip.RE_ENCODED]
    job.configure(25)
    result = job.send(refetch=True)
    assert [item.line for item in result.items] == [long]
    assert [(skipped.why, skipped.message) for skipped in result.skipped] == [
        (Skip.GONE, "the line is longer than max_line, 65536 bytes")
    ]
    assert job.replays()[0].read_bytes() == long + b"\n"
    assert [item.line for item in job.send([anew], refetch=True, rules=Rules(again=True)).items] == [long]
    file.unlink()
    assert why(job.send([anew], refetch=True, rules=Rules(again=True))) == [Skip.GONE]


def test_events_that_were_accepted_are_not_sent_twice(job: FileJob) -> None:
    failed = decode(written(b"{}", "stage_error", {"file": "/in/a", "byte": 0}, "train", "canonical"))
    assert why(job.send([failed], refetch=True)) == [Skip.ACCEPTED_BEFORE]


def test_of_several_letters_at_one_position_the_newest_counts(job: FileJob) -> None:
    file = job.write("a.ndjson", click(1, price=20))
    for hour in (1, 2, 0):
        job.read(file, NOW + hour * HOUR)
    result = job.send()
    assert [item.letter.ingest_time for item in result.items] == [NOW + 2 * HOUR]


def test_topics_need_a_configuration_that_reads_them(job: FileJob) -> None:
    found = [decode(letter) for letter in letters_of(click(1, price=20), "t/0", job.configuration)]
    cut = decode(written(b"{", source={"topic": "t", "partition": 0, "offset": 1, "index": 0}, size=9000))
    result = job.send([*found, cut], refetch=True)
    assert [item.line for item in result.items] == [click(1, price=20)]
    assert [skipped.message for skipped in result.skipped] == [
        "the configuration reads no topics, so t/0 cannot be asked"
    ]
