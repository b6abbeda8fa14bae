"""Payloads and messages as a terminal may show them."""

from __future__ import annotations


def readable(data: bytes | str) -> str:
    r"""Return text in which all that is no printable character is escaped: nobody's event steers a terminal.

    >>> readable(b'{"q": "n\xc3\xa9 \xff\x1b[2J"}')
    '{"q": "né \\xff\\x1b[2J"}'
    """
    text = data.decode("utf-8", "backslashreplace") if isinstance(data, bytes) else data
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
