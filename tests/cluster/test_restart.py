"""A run that is killed, stopped, moved to another parallelism or taken back goes on as if nothing had happened."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.conftest import Stream
from tests.cluster.job import Job, configuration, until
from tests.cluster.verdict import Verdict, documents, learned, newest_reports, read_events, releases, verdict

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
EXIT_SECONDS = 15


def test_the_whole_tree_is_killed(stream: Stream, faultless: Verdict, tmp_path: Path) -> None:
    config, out = configuration(tmp_path), tmp_path / "out"
    with Job(config, out, stream.folder, "--bounded") as job:
        until(lambda: read_events(out) > 0, 200, "a part of the events is committed")
        job.kill_tree()
    with Job(config, out, stream.folder, "--bounded", "--resume") as job:
        job.succeed()
    assert verdict(out) == faultless
    assert {document["epoch"] for document in documents(out / "reports")} == {1, 2}


def move_in(stream: Stream, part: int, folder: Path) -> int:
    """Move one part into a folder at once; return how many lines it has."""
    hidden = folder / f".part-{part}.ndjson"
    shutil.copy(stream.folder / f"part-{part}.ndjson", hidden)
    hidden.rename(folder / f"part-{part}.ndjson")
    return len(stream.lines[part])


def stop(job: Job) -> float:
    """Stop a run with a savepoint; return the seconds that it took."""
    started = time.monotonic()
    job.terminate()
    job.succeed()
    return time.monotonic() - started


def test_stopped_rescaled_and_taken_back(stream: Stream, faultless: Verdict, tmp_path: Path) -> None:
    given, out, savepoints = tmp_path / "in", tmp_path / "out", tmp_path / "out/savepoints"
    given.mkdir()
    config = configuration(tmp_path)
    first: Path | None = None
    total = 0
    for parallelism, parts in (("2", [0]), ("1", [1]), ("3", [2, 3])):
        arguments = ["--parallelism", parallelism, *(["--resume"] if first else [])]
        with Job(config, out, given, *arguments) as job:
            total += sum(move_in(stream, part, given) for part in parts)
            caught_up(job, total)
            seconds = stop(job)
            print(f"SIGTERM to exit at parallelism {parallelism}: {seconds:.1f} s")
            assert seconds <= EXIT_SECONDS
        first = first or next(savepoints.iterdir())
    assert first is not None
    assert len(list(savepoints.iterdir())) == 3
    without_the_end = replace(faultless, released=faultless.released[:-1])
    assert in_place_of(given, stream.folder, verdict(out)) == without_the_end

    before = releases(out)
    with Job(config, out, given, "--resume-from", str(first)) as job:
        until(lambda: read_events(out, 4) == total, 200, "everything is read again")
        caught_up(job, total)
        stop(job)
    assert first_read(out, 4) == len(stream.lines[0])
    again = in_place_of(given, stream.folder, verdict(out))
    assert (again.counts, again.checksum, again.examples) == (faultless.counts, faultless.checksum, faultless.examples)
    assert set(again.dead_letters) == set(faultless.dead_letters)
    assert again.released[: len(before)] == before
    assert again.released[len(before) :] == [n for n in before if n > len(stream.lines[0])]


def test_stopped_while_it_starts(stream: Stream, faultless: Verdict, tmp_path: Path) -> None:
    config, out = configuration(tmp_path), tmp_path / "out"
    with Job(config, out, stream.folder, "--bounded") as job:
        until(job.vertices, 200, "the job is there")
        print(f"SIGTERM to exit while it starts: {stop(job):.1f} s")
    assert "stopped with savepoint" in job.log
    with Job(config, out, stream.folder, "--bounded", "--resume") as job:
        job.succeed()
    assert verdict(out) == faultless


def test_workers_are_killed_while_it_stops(stream: Stream, faultless: Verdict, tmp_path: Path) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    with Job(configuration(tmp_path), out, given) as job:
        total = sum(move_in(stream, part, given) for part in range(len(stream.lines)))
        caught_up(job, total)
        workers = job.workers()
        job.terminate()
        until(lambda: (out / "savepoints").exists(), 60, "the savepoint has begun")
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        job.succeed()
    assert in_place_of(given, stream.folder, verdict(out)) == replace(faultless, released=faultless.released[:-1])


def caught_up(job: Job, total: int) -> None:
    """Wait until all that was read is committed, and learned."""
    until(lambda: read_events(job.out) == total or job.ended, 200, "everything is read")
    until(lambda: learned(job.out) == accepted(job.out) or job.ended, 200, "everything is learned")
    assert not job.ended


def first_read(out: Path, epoch: int) -> int:
    """Return what the buckets had read when an epoch began."""
    first: dict[int, int] = {}
    for document in documents(out / "reports"):
        if document["stage"] == "user" and document["epoch"] == epoch:
            first[document["key"]] = min(document["read"], first.get(document["key"], document["read"]))
    return sum(first.values())


def accepted(out: Path) -> int:
    return sum(report.get("accepted", 0) for report in newest_reports(out).values())


def in_place_of(given: Path, folder: Path, found: Verdict) -> Verdict:
    """Return a verdict as if the same files had been read from another folder."""
    letters = ((reason, source.replace(str(given), str(folder))) for reason, source in found.dead_letters.elements())
    return replace(found, dead_letters=Counter(letters))
