"""One byte string for one description, whatever order its keys were written in."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec


def canonical(description: Any) -> bytes:
    """Return the description as JSON with sorted keys, no defaults left implicit, and 1 as 1.0 where it is a float."""
    plain = msgspec.to_builtins(description)
    if isinstance(description, msgspec.Struct):
        plain = msgspec.to_builtins(msgspec.convert(plain, type(description)))
    return msgspec.json.encode(plain, order="sorted")


def digest(description: Any) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(description)).hexdigest()
