"""A simulated shop as files of lines."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from simulator.events import Events
from simulator.folder import make_folder
from simulator.ground_truth import GroundTruth
from simulator.lines import Writer
from simulator.series import Division
from simulator.simulation import Simulation
from simulator.stream import Stream
from udfs.errors import ConfigurationError

_PART_IMPRESSIONS = 1_000_000


def to_files(
    simulation: Simulation, out: Path, truth: Path, mixed: bool = True, part_impressions: int = _PART_IMPRESSIONS
) -> dict[str, Any]:
    """Write ``<series>-PP-NNNNN.ndjson`` into a folder, PP being the partition, and the truth into another.

    Lines are in the order of their arrival. Part NNNNN of every series and partition covers the same span of arrival
    time, of about ``part_impressions``, and gets its name once it is complete. Returns the summary.

    Raises:
        ConfigurationError: the folder holds such files already, or that of the truth anything; or one cannot be made.
    """
    make_folder(out)
    if any(out.glob("*.ndjson")):
        raise ConfigurationError(f"{out} holds files of events already", "Name an empty folder")
    division = Division(simulation.partitions, mixed)
    stream = Stream(simulation)
    writer = Writer(simulation.seed, simulation.start_ms, stream.account)
    slices_per_part = max(1, part_impressions // simulation.slice_impressions)
    with GroundTruth(simulation, truth) as known:
        numbered = enumerate(stream.slices(known))
        for number, slices in groupby(numbered, key=lambda pair: pair[0] // slices_per_part):
            part = _Part(out, number, division)
            for _, events in slices:
                part.append(events, writer)
            part.complete()
    return known.summary()


class _Part:
    """The files of one span of arrival time; opened for each slice, for there may be more than a process may hold."""

    def __init__(self, out: Path, number: int, division: Division) -> None:
        self._out, self._number, self._division = out, number, division
        self._names = [self._name(series, p) for series in division.names for p in range(division.partitions)]
        for name in self._names:
            (out / f".{name}").write_bytes(b"")

    def append(self, events: Events, writer: Writer) -> None:
        """Write a slice."""
        events, runs = self._division.sort(events)
        lines = writer.lines(events)
        for run in runs:
            if run.first < run.last:
                with (self._out / f".{self._name(run.series, run.partition)}").open("ab") as out:
                    out.write(lines.between(run.first, run.last))

    def complete(self) -> None:
        """Give the files their names."""
        for name in self._names:
            (self._out / f".{name}").rename(self._out / name)

    def _name(self, series: str, partition: int) -> str:
        return f"{series}-{partition:02d}-{self._number:05d}.ndjson"
