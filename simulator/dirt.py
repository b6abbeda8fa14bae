"""Lines that no reader may take for events, several kinds of them, each made from a good line."""

from __future__ import annotations

from collections.abc import Callable

_TOO_LARGE_BYTES = 66_000


def _number(line: bytes, key: bytes, value: bytes) -> bytes:
    """Replace the value of a numeric key."""
    start = line.index(b'"' + key + b'":') + len(key) + 3
    end = min(at for at in (line.find(b",", start), line.find(b"}", start)) if at >= 0)
    return line[:start] + value + line[end:]


def _without_user(line: bytes) -> bytes:
    start = line.index(b'"user":')
    return line[:start] + line[line.index(b",", start) + 1 :]


def _into_query(line: bytes, content: bytes) -> bytes:
    at = line.index(b'"query":"') + len(b'"query":"')
    return line[:at] + content + line[at:]


# Named by the reason for which a reader rejects them.
KINDS: dict[str, Callable[[bytes], bytes]] = {
    "not_json": lambda line: line[: len(line) * 2 // 3],
    "wrong_type": lambda line: _number(line, b"price", b'"cheap"'),
    "missing_field": _without_user,
    "not_finite": lambda line: _number(line, b"price", b"1e999"),
    "bad_timestamp": lambda line: _number(line, b"ts", b"-62135596800001"),
    "not_utf8": lambda line: _into_query(line, b"\xff\xfe "),
    "too_large": lambda line: _into_query(line, b"x" * _TOO_LARGE_BYTES),
}
