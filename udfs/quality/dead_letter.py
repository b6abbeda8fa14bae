"""Dead letters: what was refused, why, and where it came from, as one JSON document each."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np

from udfs.decode.reject import REASONS, Reason
from udfs.frames import Frame, Ragged
from udfs.quality.partition import is_of_topic
from udfs.schema import canonical
from udfs.types import I64

_POSITION: Final = ("offset", "part", "index")


def source_of(frame: Frame, row: int) -> dict[str, Any]:
    """Return an event's position: topic, partition, offset and index; or the file and the byte its line begins at."""
    columns = frame.columns
    part, offset = frame.meta["parts"][columns["part"][row]], int(columns["offset"][row])
    if not is_of_topic(part):
        return {"file": part, "byte": offset}
    topic, _, partition = part.rpartition("/")
    # Example frames lack the column where it is 0 in all rows.
    index = int(columns["index"][row]) if "index" in columns else 0
    return {"topic": topic, "partition": int(partition), "offset": offset, "index": index}


def place_of(frame: Frame, row: int) -> list[Any]:
    """Return what tells a row from all others: its partition, offset and index."""
    columns = frame.columns
    return [frame.meta["parts"][columns["part"][row]], int(columns["offset"][row]), int(columns["index"][row])]


def dead_letter(
    reason: str,
    message: str,
    step: str,
    source: dict[str, Any],
    event_type: str | None,
    payload: bytes,
    encoding: str,
    size: int,
    now: int,
) -> bytes:
    """Return one dead letter.

    Args:
        reason: one of ``udfs.decode.reject.Reason``.
        message: what exactly is wrong, bounded.
        step: the step that refused it.
        source: its position, of ``source_of``.
        event_type: its type, as far as it is known.
        payload: its bytes, bounded.
        encoding: ``original`` for the bytes that arrived, ``canonical`` for a re-encoding.
        size: how many bytes it had.
        now: ingest time, microseconds since 1970.
    """
    document: dict[str, Any] = {
        "reason": reason,
        "message": message,
        "step": step,
        "source": source,
        "event_type": event_type,
        "encoding": encoding,
        "truncated": size > len(payload),
        "ingest_time": now,
    }
    try:
        document["payload"] = payload.decode()
    except UnicodeDecodeError:
        document["payload_base64"] = base64.b64encode(payload).decode()
    return msgspec.json.encode(document)


def of_reject(frame: Frame, row: int, event_types: Sequence[str]) -> bytes:
    """Return the dead letter of a row of a reject frame, which says itself what is wrong; ``event_types`` by number."""
    reason = REASONS[frame.columns["reason"][row]]
    message = frame.ragged["message"].bytes_at(row).decode(errors="replace")
    known = event_types[frame.columns["type"][row]] if "type" in frame.columns else None
    payload = frame.ragged["payload"].bytes_at(row)
    size = int(frame.columns["size"][row]) if "size" in frame.columns else len(payload)
    step, encoding, now = (frame.meta[name] for name in ("step", "encoding", "now"))
    return dead_letter(reason, message, step, source_of(frame, row), known, payload, encoding, size, now)


def of_rows(
    frame: Frame,
    rows: I64,
    reasons: Iterable[Reason],
    messages: Mapping[Reason, str],
    step: str,
    event_types: Sequence[str] = (),
) -> Iterator[bytes]:
    """Yield the dead letters of rows that a step refuses after they were decoded; ``event_types`` by number."""
    now, types = frame.meta["now"], frame.columns["type"][rows].tolist() if event_types else []
    for i, (row, reason, values) in enumerate(zip(rows.tolist(), reasons, plain(frame.pick(rows)), strict=True)):
        payload, source = canonical(values), source_of(frame, row)
        known = event_types[types[i]] if types else None
        yield dead_letter(reason, messages[reason], step, source, known, payload, "canonical", len(payload), now)


def plain(frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield the values of each row as plain ones, by column: numbers, lists of them, text; but not its position."""
    columns = {name: column.tolist() for name, column in frame.columns.items() if name not in _POSITION}
    columns |= {name: _cells(ragged) for name, ragged in frame.ragged.items()}
    names = tuple(columns)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))


def _cells(column: Ragged) -> list[Any]:
    ends = column.pointers.tolist()
    if column.values.dtype == np.uint8:
        data = column.values.tobytes()
        return [data[start:end].decode(errors="replace") for start, end in pairwise(ends)]
    values = column.values.tolist()
    return [values[start:end] for start, end in pairwise(ends)]
