"""Text of many rows at once: each row is put together from columns of bytes, and zero bytes are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from udfs.types import I64, U8

_FOUR_DIGITS: npt.NDArray[np.uint32] = np.array([b"%04d" % i for i in range(10_000)]).view(np.uint32)
Piece = bytes | U8
"""What stands in every row: the same bytes, or a column of bytes (n, width)."""


def table(texts: Sequence[bytes]) -> U8:
    """Return texts as rows (texts, longest) of bytes, filled up with zeros: ``table(texts)[index]`` is a column."""
    width = max(1, *map(len, texts))
    return np.array(texts, f"S{width}").view(np.uint8).reshape(len(texts), width)


def digits(number: I64, width: int) -> U8:
    """Return the decimal digits (n, width) of numbers (n,), not negative and below 10^width, with leading zeros."""
    groups = -(-width // 4)
    text = np.empty((len(number), groups), np.uint32)
    for place in range(groups):
        text[:, place] = _FOUR_DIGITS[number // 10 ** (4 * (groups - 1 - place)) % 10_000]
    return text.view(np.uint8)[:, 4 * groups - width :]


def without_leading_zeros(text: U8) -> U8:
    """Return digits (n, width) without the zeros before the first other digit; the last digit stays."""
    text = text.copy()
    for place in range(text.shape[1] - 1):
        leading = text[:, place] == ord("0")
        if place:
            leading &= text[:, place - 1] == 0
        text[leading, place] = 0
    return text


def joined(n: int, pieces: Sequence[Piece]) -> U8:
    """Return rows (n, width) of the pieces side by side."""
    template = b"".join(piece if isinstance(piece, bytes) else bytes(piece.shape[1]) for piece in pieces)
    rows = np.empty((n, len(template)), np.uint8)
    rows[:] = np.frombuffer(template, np.uint8)
    at = 0
    for piece in pieces:
        if isinstance(piece, bytes):
            at += len(piece)
        else:
            rows[:, at : at + piece.shape[1]] = piece
            at += piece.shape[1]
    return rows


def packed(rows: U8) -> bytes:
    """Return the text of rows without zero bytes."""
    return rows.tobytes().translate(None, b"\0")
