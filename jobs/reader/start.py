"""Where a partition begins that was never read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jobs.config.switch import Switch
from jobs.reader.partitions import part_of
from jobs.reader.reader import SourceError


@dataclass(frozen=True)
class Start:
    """Where partitions begin.

    Attributes:
        at: ``earliest``, ``latest``, ``committed`` (by the consumer's group), ``timestamp`` or ``offsets``.
        ms: for ``timestamp``, milliseconds since 1970: the first record with this timestamp or a later one.
        offsets: for ``offsets``, where each partition begins, by ``topic/number``.
        whole: whether it is an error that a record from there on may have been removed.
    """

    at: Literal["earliest", "latest", "committed", "timestamp", "offsets"] = "earliest"
    ms: int = 0
    offsets: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False


def start_after(switch: Switch) -> Start:
    """Return where topics begin behind an archive: at offsets, or at records as old as the switch less its margin."""
    whole = switch.gap == "refuse"
    if switch.time is None:
        return Start("offsets", offsets=switch.offsets or {}, whole=whole)
    return Start("timestamp", max(0, (switch.time - switch.margin) // 1000), whole=whole)


def first_offsets(consumer: Any, partitions: list[Any], start: Start, begun: bool = False) -> dict[str, int]:
    """Return the offset that each partition begins at, by ``topic/number``.

    Args:
        consumer: kafka-python's, of the group that has committed.
        partitions: kafka-python's names of them.
        start: where they begin.
        begun: whether other partitions of the topics are read already: one that is added to a topic meanwhile was
            never there to be skipped, and is read from its beginning unless ``offsets`` name it.

    Raises:
        SourceError: a partition has no offset to begin at, or no longer holds all that is asked for.
    """
    if not partitions:
        return {}
    if begun and start.at != "offsets":
        start = Start()
    first = consumer.beginning_offsets(partitions)
    found: dict[Any, int | None] = dict(first)
    if start.at == "latest":
        found = consumer.end_offsets(partitions)
    elif start.at == "committed":
        found = {partition: consumer.committed(partition) for partition in partitions}
    elif start.at == "timestamp":
        found = _of_times(consumer, partitions, start.ms)
    elif start.at == "offsets":
        found = _given(consumer, partitions, start.offsets, begun)
    named = {partition: first[partition] if (at := found[partition]) is None else at for partition in partitions}
    if start.whole:
        _check_whole(named, first, start)
    elif start.at == "offsets":
        # What is gone before the oldest record was accepted as a gap.
        named = {partition: max(offset, first[partition]) for partition, offset in named.items()}
    return {part_of(partition): offset for partition, offset in named.items()}


def _of_times(consumer: Any, partitions: list[Any], ms: int) -> dict[Any, int | None]:
    times = consumer.offsets_for_times(dict.fromkeys(partitions, ms))
    last = consumer.end_offsets(partitions)
    return {partition: at.offset if (at := times.get(partition)) else last[partition] for partition in partitions}


def _given(consumer: Any, partitions: list[Any], offsets: Mapping[str, int], begun: bool) -> dict[Any, int | None]:
    last = consumer.end_offsets(partitions)
    for partition in partitions:
        part = part_of(partition)
        if part not in offsets and not begun:
            raise SourceError(f"{part} has no offset to begin at", "Add it to source.switch.offsets")
        if offsets.get(part, 0) > last[partition]:
            what = f"{part} ends at offset {last[partition]}, before {offsets[part]}, where it is to begin"
            raise SourceError(what, "Correct source.switch.offsets, or the topic")
    return {partition: offsets.get(part_of(partition)) for partition in partitions}


def _check_whole(named: Mapping[Any, int], first: Mapping[Any, int], start: Start) -> None:
    """Refuse a partition whose oldest records are gone, unless one that is older than the start is still there."""
    for partition, offset in named.items():
        oldest = first[partition]
        lost = offset < oldest if start.at == "offsets" else 0 < oldest == offset
        if lost:
            raise SourceError(
                f"{part_of(partition)} may no longer hold all from the switch on: its oldest record is at {oldest}",
                "Let the archive reach further and move source.switch there, or take what is left with gap: accept",
            )
