"""A dead letter as it is read back, and the position that identifies it."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from udfs.decode.reject import Reason

LEARNING: Final = ("item", "train", "release")
"""The stages behind the one that accepts events."""


class Position(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an event stands in the source: a line of a record of a topic, or of a file.

    Attributes:
        topic: the topic; empty for files.
        partition: the record's partition.
        offset: the record's offset.
        index: the line's place in the record, from 0.
        file: the file's path or URI; empty for topics.
        byte: the (unpacked) byte that the line begins at.
    """

    topic: str = ""
    partition: int = 0
    offset: int = 0
    index: int = 0
    file: str = ""
    byte: int = 0

    def __post_init__(self) -> None:
        if bool(self.topic) == bool(self.file):
            raise ValueError("a source has a topic or a file")

    @property
    def part(self) -> str:
        """Return the partition's name: ``topic/number``, or the file."""
        return f"{self.topic}/{self.partition}" if self.topic else self.file

    def document(self) -> dict[str, str | int]:
        """Return it as a dead letter writes it."""
        names = ("topic", "partition", "offset", "index") if self.topic else ("file", "byte")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        if self.topic:
            return f"{self.topic}:{self.partition}:{self.offset}:{self.index}"
        return f"{self.file}:{self.byte}"


class Letter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dead letter, as ``udfs/releases/schemas/dead_letter.json`` describes it.

    Attributes:
        ingest_time: microseconds since 1970.
        payload: the event where its bytes are UTF-8, else None.
        payload_base64: its bytes where they are not.
    """

    reason: Reason
    message: str
    step: str
    source: Position
    event_type: str | None
    encoding: Literal["original", "canonical"]
    truncated: bool
    ingest_time: int
    payload: str | None = None
    payload_base64: bytes | None = None

    def __post_init__(self) -> None:
        if (self.payload is None) == (self.payload_base64 is None):
            raise ValueError("a letter has one of payload and payload_base64")

    @property
    def data(self) -> bytes:
        """Return the payload's bytes."""
        return self.payload.encode() if self.payload is not None else self.payload_base64 or b""

    def document(self) -> dict[str, Any]:
        """Return it as the document that it was read from."""
        found = {name: value for name, value in msgspec.structs.asdict(self).items() if not name.startswith("payload")}
        payload = "payload_base64" if self.payload is None else "payload"
        return found | {"source": self.source.document(), payload: getattr(self, payload)}

    @property
    def is_whole(self) -> bool:
        """Return whether the payload is all that came in.

        Of a line in a file that is too large the source itself may have handed on the beginning only.
        """
        cut = self.truncated or (self.reason == Reason.TOO_LARGE and bool(self.source.file))
        return self.encoding == "original" and not cut

    @property
    def was_accepted(self) -> bool:
        """Return whether the event was counted as good before a model failed on it."""
        return self.step in LEARNING


def decode(text: bytes) -> Letter:
    """Read one line.

    Raises:
        msgspec.MsgspecError: it is no dead letter.
    """
    return msgspec.json.decode(text, type=Letter)


def lines_of(record: bytes) -> list[bytes]:
    """Return the lines of a record, numbered as ``udfs.decode.pack.split_records`` numbers them."""
    lines = (line for line in record.split(b"\n") if line.strip(b" \r\t"))
    return [line.removesuffix(b"\r") for line in lines]
