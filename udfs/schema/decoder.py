"""Decoders of described types, made while modules are imported."""

from __future__ import annotations

from typing import Any

import msgspec


def decoder_of(kind: Any) -> Any:
    """Return msgspec's decoder of a type; call it where a module is imported, for every type that workers read.

    msgspec learns what a type is made of at its first use. The operators of a worker are threads of one process and
    begin at once, and what another thread has half made ends the process (SIGSEGV, msgspec 0.22).
    """
    return msgspec.json.Decoder(kind)
