"""What the section ``source.switch`` says about the archive, the topics and the events."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config.configuration import Configuration
from jobs.config.problems import Problem, unknown

LINES = ("format", "columns", "separator", "max_line")


def problems_of_switch(configuration: Configuration) -> Iterator[Problem]:
    """Yield every problem; nothing where the source is not both files and topics."""
    source = configuration.source
    if source.files is None or source.kafka is None or source.switch is None:
        return
    for key in LINES:
        if getattr(source.files, key) != getattr(source.kafka, key):
            yield Problem(f"source.files.{key}", f"differs from source.kafka.{key}; both are read alike")
    if source.kafka.start != "earliest":
        yield Problem("source.kafka.start", f"is {source.kafka.start!r}, but source.switch says where topics begin")
    if source.switch.time is not None:
        for name, event in configuration.events.items():
            if event.timestamp.unit == "ingest":
                what = "is ingest, which tells not whether an event is before source.switch.time; use offsets"
                yield Problem(f"events.{name}.timestamp", what)
    elif configuration.join is not None:
        what = "has no time, up to which impressions of the archive wait for feedback; give time"
        yield Problem("source.switch", what)
    topics = list(source.kafka.topics)
    for part in source.switch.offsets or ():
        topic, _, number = part.rpartition("/")
        if topic not in topics:
            yield unknown(f"source.switch.offsets.{part}", topic, "topic of the source", topics)
        elif not number.isdecimal():
            yield Problem(f"source.switch.offsets.{part}", "allowed is topic/number, like clicks/0")
