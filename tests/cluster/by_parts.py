"""A stream that a run gets by and by, and how far that run has come with it."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.cluster.conftest import Stream
from tests.cluster.job import Job, until
from tests.cluster.verdict import Verdict, learned, newest_reports, read_events


def move_in(stream: Stream, part: int, folder: Path) -> int:
    """Move one part into a folder at once; return how many lines it has."""
    hidden = folder / f".part-{part}.ndjson"
    shutil.copy(stream.folder / f"part-{part}.ndjson", hidden)
    hidden.rename(folder / f"part-{part}.ndjson")
    return len(stream.lines[part])


def caught_up(job: Job, total: int) -> None:
    """Wait until all that was read is committed, and learned."""
    until(lambda: read_events(job.out) == total or job.ended, 200, "everything is read")
    until(lambda: learned(job.out) == accepted(job.out) or job.ended, 200, "everything is learned")
    assert not job.ended


def accepted(out: Path) -> int:
    return sum(report.get("accepted", 0) for report in newest_reports(out).values())


def in_place_of(given: Path, folder: Path, found: Verdict) -> Verdict:
    """Return a verdict as if the same files had been read from another folder."""
    letters = ((reason, source.replace(str(given), str(folder))) for reason, source in found.dead_letters.elements())
    return replace(found, dead_letters=Counter(letters))
