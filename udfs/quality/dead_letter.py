"""Dead letters: what was refused, why, and where it came from, as one JSON document each."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from udfs.decode.reject import REASONS, Reason
from udfs.frames import Frame
from udfs.quality.partition import is_of_topic
from udfs.schema import canonical


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


def of_row(frame: Frame, row: int, reason: Reason, message: str, step: str, event_types: Sequence[str] = ()) -> bytes:
    """Return the dead letter of a row that a step refuses after it was decoded; ``event_types`` by number."""
    known = event_types[frame.columns["type"][row]] if event_types else None
    payload = canonical(plain(frame.slice(row, row + 1)))
    now = frame.meta["now"]
    source = source_of(frame, row)
    return dead_letter(reason, message, step, source, known, payload, "canonical", len(payload), now)


def plain(row: Frame) -> dict[str, Any]:
    """Return the values of a frame of one row as plain ones, by column: numbers, lists of them, text."""
    columns = {
        name: column[0].tolist() for name, column in row.columns.items() if name not in ("offset", "part", "index")
    }
    for name, ragged in row.ragged.items():
        cell = ragged.row(0)
        columns[name] = cell.tobytes().decode(errors="replace") if cell.dtype == np.uint8 else cell.tolist()
    return columns
