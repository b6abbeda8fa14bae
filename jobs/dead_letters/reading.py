"""Where the dead letters of a job are, and what can be read there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from jobs.config.configuration import Configuration
from jobs.config.kafka import Connection
from jobs.dead_letters.folder import NAME, Folder
from jobs.dead_letters.letter import Letter, decode
from udfs.errors import ConfigurationError
from udfs.releases.registry import Line


class Place(Protocol):
    """A directory or a topic of dead letters."""

    @property
    def uri(self) -> str:
        """Return its name for people."""
        ...

    def lines(self) -> Iterator[Line]:
        """Yield the lines that are committed."""
        ...


def place_of(given: str | None, configuration: Configuration | None) -> Place:
    """Return where the dead letters are.

    Args:
        given: a directory, which comes before what the configuration says.
        configuration: the job, its open directories placed.

    Raises:
        ConfigurationError: neither tells, or there is no such directory.
    """
    if given is not None:
        return Folder.open(given)
    if configuration is None:
        raise ConfigurationError("Where the dead letters are is not said", "Give --from DIR, or --config F")
    sinks = configuration.sinks
    if sinks.kafka is not None:
        from jobs.dead_letters.topic import LettersTopic

        return LettersTopic(letters_connection(configuration), sinks.kafka.dead_letters)
    if sinks.dir is None:
        raise ConfigurationError("sinks.dir is missing", "Give the directory of the run with --out")
    return Folder.of_run(sinks.dir) or Folder.open(f"{sinks.dir}/{NAME}")


def base_of(place: Place, configuration: Configuration | None) -> str | None:
    """Return the directory of the run, beside whose dead letters are its reports and the ledger; None if it has none.

    Dead letters in a topic have none unless the configuration names it.
    """
    if isinstance(place, Folder):
        return place.uri.rpartition("/")[0]
    return configuration.sinks.dir if configuration is not None else None


def letters_connection(configuration: Configuration) -> Connection:
    """Return how Python reaches the brokers of the sinks, whose properties are those of the Java client.

    Where the source has the same brokers, its connection is taken, as it is Python's already.
    """
    sink, source = configuration.sinks.kafka, configuration.source.kafka
    assert sink is not None
    if source is not None and source.bootstrap == sink.bootstrap:
        return source
    return Connection(bootstrap=sink.bootstrap, security=sink.security)


class Letters:
    """The letters of a place; lines that are none are counted while they are passed.

    Attributes:
        unreadable: how many lines are no dead letters.
        first: where the first of them stands, and what is wrong with it.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self.unreadable = 0
        self.first = ""

    def __iter__(self) -> Iterator[Letter]:
        """Yield the letters.

        Raises:
            ConfigurationError: there are lines, and none of them is a dead letter.
        """
        found = 0
        for line in self._place.lines():
            try:
                letter = decode(line.text)
            except msgspec.MsgspecError as error:
                self.unreadable += 1
                self.first = self.first or f"{line.place}: {error}"
                continue
            found += 1
            yield letter
        if self.unreadable and not found:
            raise ConfigurationError(f"{self._place.uri} holds no dead letters ({self.first})", "Give their place")
