"""The columns of a batch while it is decoded, in arrival order; frames are cut from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.decode.layout import Layout
from udfs.types import F32, F64, I64, U8, U32, U64


class Columns(NamedTuple):
    """Arrays of ``n`` rows; ragged ones hold where in a shared buffer each row stands.

    Attributes:
        type: uint8 (n,): the event's type.
        time: int64 (n,): event time, microseconds since 1970.
        user: uint64 (n, 2): hash of the user, or of the event where there is none; the first word chooses the bucket.
        id: uint64 (n, 2): hash of (user, event id).
        ref: uint64 (n, refs): hashes of what events are joined by; 0 is missing.
        single: uint32 (n, singles).
        present: uint64 (n, words): bit ``i`` tells whether single ``i`` is there.
        number: float64 (n, numbers), NaN is missing.
        label, weight: float64 (n, models); NaN is no example.
        vector: float32 (n, total length of all vectors), NaN is missing.
        multiple: int64 (multiples, n, 2): begin and end in ``hashes``.
        key: int64 (keys, n, 2): begin and end in ``text``.
        hashes, text: the shared buffers.
        used: int64 (2,): how much of ``hashes`` and ``text`` is used.
    """

    type: U8
    time: I64
    user: U64
    id: U64
    ref: U64
    single: U32
    present: U64
    number: F64
    label: F64
    weight: F64
    vector: F32
    multiple: I64
    key: I64
    hashes: U32
    text: U8
    used: I64


def allocate(layout: Layout, n: int, size: int) -> Columns:
    """Return columns for ``n`` rows whose lines have ``size`` bytes together; nothing is in them yet."""
    return Columns(
        type=np.empty(n, np.uint8),
        time=np.empty(n, np.int64),
        user=np.empty((n, 2), np.uint64),
        id=np.empty((n, 2), np.uint64),
        ref=np.empty((n, len(layout.refs)), np.uint64),
        single=np.empty((n, len(layout.singles)), np.uint32),
        present=np.empty((n, -(-len(layout.singles) // 64)), np.uint64),
        number=np.empty((n, len(layout.numbers))),
        label=np.empty((n, len(layout.models))),
        weight=np.empty((n, len(layout.models))),
        vector=np.empty((n, layout.vector_width), np.float32),
        multiple=np.empty((len(layout.multiples), n, 2), np.int64),
        key=np.empty((len(layout.keys), n, 2), np.int64),
        hashes=np.empty(layout.hash_room(n, size), np.uint32),
        text=np.empty(layout.text_room(n, size), np.uint8),
        used=np.zeros(2, np.int64),
    )
