"""One byte string for one description, whatever order its keys were written in."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec


def canonical(description: Any) -> bytes:
    """Return the description as JSON with sorted keys and no defaults left implicit."""
    return msgspec.json.encode(msgspec.to_builtins(description), order="sorted")


def digest(description: Any) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(description)).hexdigest()
