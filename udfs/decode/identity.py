"""Who an event belongs to and which one it is: chained 128-bit hashes, a column at a time."""

from __future__ import annotations

from typing import Final

import numpy as np

from udfs.hashing.murmur3 import murmur3_128
from udfs.jit import kernel
from udfs.types import I64, U8, U16, U64, Bool

SEEDS: Final = (0x6865616472616365, 0x6964656E74697479)


@kernel
def chain_text(source: U8, span: I64, chosen: Bool, state: U64) -> None:
    """Chain a text column (n, 2) into the hashes ``state`` (n, 2); rows where it is missing stay as they are."""
    for row in range(len(chosen)):
        if chosen[row] and span[row, 1] > span[row, 0]:
            a, b = murmur3_128(source, span[row, 0], span[row, 1], state[row, 0], state[row, 1])
            state[row, 0], state[row, 1] = a, b


@kernel
def chain_position(data: U8, lines: I64, position: I64, part: U16, places: U64, chosen: Bool, state: U64) -> None:
    """Set the hash of an event that its position identifies: offset and index, or in files the line itself."""
    where = np.empty(16, np.uint8)
    for row in range(len(chosen)):
        if not chosen[row]:
            continue
        a, b = places[part[row], 0], places[part[row], 1]
        if position[row, 0] < 0:
            a, b = murmur3_128(data, lines[row, 0], lines[row, 1], a, b)
        else:
            for j in range(8):
                where[j] = (position[row, 0] >> (8 * j)) & 255
                where[8 + j] = (position[row, 1] >> (8 * j)) & 255
            a, b = murmur3_128(where, 0, 16, a, b)
        state[row, 0], state[row, 1] = a, b
