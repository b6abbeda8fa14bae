"""A run that is killed, stopped, moved to another parallelism or taken back goes on as if nothing had happened."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.by_parts import caught_up, in_place_of, move_in
from tests.cluster.conftest import Stream
from tests.cluster.job import Job, configuration, until
from tests.cluster.verdict import Verdict, documents, read_events, releases, verdict

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
EXIT_SECONDS = 15


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


def test_stopped_while_it_starts_and_later_killed_but_for_its_jvm(
    stream: Stream, faultless: Verdict, tmp_path: Path
) -> None:
    """The next run begins at once, and waits until the JVM that was left behind has ended."""
    folder = tmp_path / "o clean é 100%20"
    given, out = folder / "in", folder / "out"
    given.mkdir(parents=True)
    config = configuration(folder)
    half = sum(move_in(stream, part, given) for part in (0, 1))
    with Job(config, out, given) as job:
        until(job.vertices, 200, "the job is there")
        print(f"SIGTERM to exit while it starts: {stop(job):.1f} s")
    assert f"stopped with savepoint {out}/savepoints/" in job.log

    with Job(config, out, given, "--resume") as job:
        caught_up(job, half)
        for part in (2, 3):
            move_in(stream, part, given)
        until(lambda: read_events(out) > half, 200, "a part of the rest is committed")
        programs = [line.partition(" ")[0].rpartition("/")[2] for line in holders(job, out / "run.lock")]
        assert sorted(program.rstrip("0123456789.") for program in programs) == ["java", "python"]
        job.kill_client()
        with Job(config, out, given, "--bounded", "--resume") as following:
            following.succeed()
    assert in_place_of(given, stream.folder, verdict(out)) == faultless
    assert {2, 3} <= {document["epoch"] for document in documents(out / "reports")} <= {1, 2, 3}
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def holders(job: Job, file: Path) -> list[str]:
    """Return the command lines of the processes of a run that have a file open."""
    return [
        line
        for pid, line in job.members().items()
        if file in {Path(os.path.realpath(link)) for link in Path(f"/proc/{pid}/fd").iterdir()}
    ]


def first_read(out: Path, epoch: int) -> int:
    """Return what the buckets had read when an epoch began."""
    first: dict[int, int] = {}
    for document in documents(out / "reports"):
        if document["stage"] == "user" and document["epoch"] == epoch:
            first[document["key"]] = min(document["read"], first.get(document["key"], document["read"]))
    return sum(first.values())
