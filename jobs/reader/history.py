"""An archive of files and then topics, as one source: first every file, up to the switch, then every partition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jobs.reader.files import Files
from jobs.reader.reader import Reading, SourceError
from jobs.reader.rendezvous import Rendezvous
from jobs.reader.topics import Topics
from udfs.quality.partition import is_of_topic
from udfs.stages.read import ARCHIVE, DONE


@dataclass(frozen=True)
class History:
    """An archive and topics, and how they are read.

    What both hold is told apart by the plan's switch, event by event.

    Attributes:
        files: the archive; it is looked into ``once``.
        topics: the topics.
        rendezvous: the URI of a directory that every process sees; another in every start.
    """

    files: Files
    topics: Topics
    rendezvous: str

    def open(self) -> HistoryReader:
        """Return a reader."""
        return HistoryReader(self)

    def topic_of(self, part: str) -> str:
        """Return a partition's topic; of a file the one that the innermost folder of that name says.

        With a single topic all files are of it; with several, a file in no folder of such a name is of none.
        """
        if is_of_topic(part):
            return self.topics.topic_of(part)
        names = self.topics.topics
        if len(names) == 1:
            return names[0]
        return next((folder for folder in reversed(part.split("/")[:-1]) if folder in names), "")


class HistoryReader:
    """Reads the lanes of an archive, and those of the topics when every lane has come to the end of its files.

    Lanes wait for each other, so that nothing new is learned before what is old. They are ``held`` from the beginning
    until they go on: one that was silent in between would let event time run away with those that are first. A lane
    that has gone on remembers of its files only that it has: files that come to the archive later are not read.
    """

    def __init__(self, source: History) -> None:
        self._files = source.files.open()
        self._topics = source.topics.open()
        self._rendezvous = Rendezvous(source.rendezvous, source.topics.lanes)

    def close(self) -> None:
        """Close every file and connection."""
        self._files.close()
        self._topics.close()

    def read(self, lane: int, positions: Mapping[str, int], begun: bool, times: Mapping[str, int]) -> Reading | None:
        """Read on in the lane's files, or in its partitions; in between nothing is read."""
        offsets = {part: at for part, at in positions.items() if is_of_topic(part)}
        if ARCHIVE in positions:
            # Others may have been restored to before they went on, and wait for this one in this start's directory.
            self._rendezvous.arrive(lane)
            return self._topics.read(lane, offsets, True, times)
        if offsets:
            raise SourceError(
                f"{next(iter(offsets))} was read before the archive",
                "Take source.files and source.switch away, or start anew without --resume",
            )
        reading = self._read_files(lane, positions, begun, times)
        if reading is None or not reading.ended:
            return reading
        if not self._rendezvous.arrive(lane):
            return Reading(held=True)
        live = self._topics.read(lane, offsets, False, times)
        return live and replace(live, positions={ARCHIVE: DONE} | live.positions, gone=list(positions))

    def _read_files(
        self, lane: int, positions: Mapping[str, int], begun: bool, times: Mapping[str, int]
    ) -> Reading | None:
        """Read on in the lane's files; ``ended`` says that there was nothing more."""
        reading = self._files.read(lane, positions, begun, times)
        if reading is None or (reading.ended and not (reading.blocks or reading.positions)):
            return reading
        self._rendezvous.leave(lane)
        return replace(reading, ended=False, more=True, held=True)
