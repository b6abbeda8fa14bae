from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.clicks import Clicks
from tests.cluster.job import Job, configuration
from tests.cluster.verdict import Verdict, verdict

EVENTS = 20_000
PARTS = 4


@dataclass(frozen=True)
class Stream:
    """One stream of clicks.

    Attributes:
        folder: it, as a few files.
        lines: it, as the lines of each file.
    """

    folder: Path
    lines: list[list[bytes]]

    @property
    def total(self) -> int:
        return sum(map(len, self.lines))


@pytest.fixture(scope="session")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    """Events with duplicates and bad lines of every kind."""
    clicks = Clicks(events=EVENTS, seed=7, duplicate_rate=0.02, bad_rate=0.005)
    lines = [line for block in clicks.blocks(clicks.truth()) for line in block]
    size = -(-len(lines) // PARTS)
    parts = [lines[i * size : (i + 1) * size] for i in range(PARTS)]
    folder = tmp_path_factory.mktemp("stream")
    for i, part in enumerate(parts):
        (folder / f"part-{i}.ndjson").write_bytes(b"\n".join(part) + b"\n")
    return Stream(folder, parts)


@pytest.fixture(scope="session")
def faultless(stream: Stream, tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """The verdict of a bounded run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("faultless")
    with Job(configuration(folder), folder / "out", stream.folder, "--bounded") as job:
        job.succeed()
    return verdict(folder / "out")
