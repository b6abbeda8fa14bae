"""Dead letters: what was refused, why, and where it came from, as one JSON document each."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec

from udfs.frames import Frame


def source_of(part: str, offset: int, index: int, payload: bytes) -> dict[str, Any]:
    """Return an event's position: topic, partition, offset and index; or file and hash of the line."""
    if offset < 0:
        return {"file": part, "line_sha256": hashlib.sha256(payload).hexdigest()}
    topic, _, partition = part.rpartition("/")
    return {"topic": topic, "partition": int(partition), "offset": offset, "index": index}


def dead_letter(
    reason: str, message: str, step: str, source: dict[str, Any], payload: bytes, encoding: str, size: int, now: int
) -> bytes:
    """Return one dead letter.

    Args:
        reason: one of ``udfs.decode.reject.Reason``.
        message: what exactly is wrong, bounded.
        step: the step that refused it.
        source: its position, of ``source_of``.
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
        "encoding": encoding,
        "truncated": size > len(payload),
        "ingest_time": now,
    }
    try:
        document["payload"] = payload.decode()
    except UnicodeDecodeError:
        document["payload_base64"] = base64.b64encode(payload).decode()
    return msgspec.json.encode(document)


def of_row(frame: Frame, row: int, reason: str, message: str, step: str) -> bytes:
    """Return the dead letter of a row of an event frame or a reject frame."""
    column = "payload" if "payload" in frame.ragged else "raw"
    payload = frame.ragged[column].bytes_at(row) if column in frame.ragged else b""
    offset, index = int(frame.columns["offset"][row]), int(frame.columns["index"][row])
    size = int(frame.columns["size"][row]) if "size" in frame.columns else len(payload)
    source = source_of(frame.meta["parts"][frame.columns["part"][row]], offset, index, payload)
    encoding = frame.meta.get("encoding", "original")
    return dead_letter(reason, message, step, source, payload, encoding, size, frame.meta["now"])
