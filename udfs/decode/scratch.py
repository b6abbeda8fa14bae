"""What the row kernel works in: room for one line and all that is found in it, kept between batches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.decode.program import Program
from udfs.decode.trie import Trie
from udfs.types import F64, I32, I64, U8

DEPTH = 16
"""How deep wanted values may lie."""
PAD = 16
"""Zeros behind a line."""


class Scratch(NamedTuple):
    """Room for one line.

    Attributes:
        line: uint8: the program's pool, from ``base`` on a line and zeros, ``fold`` bytes further on room for both.
        base: where a line begins.
        fold: how far behind a piece of the line its copy of another case stands.
        tags: uint8 (paths,): what each wanted value is, one of ``tokens``.
        value: float64 (paths,): each number, NaN when it is not read exactly.
        span: int64 (paths, 2): where each stands in ``line``, an array in ``element``.
        element: int64 (room, 3): begin, end and tag of each element of the line's wanted arrays.
        element_value: float64 (room,): its number, NaN when it is not read exactly.
        words: int64 (room, 2): where in ``line`` each cleaned element stands.
        range_of: int64 (fields, 2): where a cleaned text stands in ``line``, a list in ``words``, a vector in
            ``element_value``; empty when it is missing.
        number_of: float64 (fields,): a valid number, NaN when it is missing.
        seen: int64 (nodes,): the line in which each node of the trie was seen last.
        nodes: int32 (DEPTH,): the nodes above the one that is walked.
        where: uint8 (16,): offset and index of a line.
    """

    line: U8
    base: int
    fold: int
    tags: U8
    value: F64
    span: I64
    element: I64
    element_value: F64
    words: I64
    range_of: I64
    number_of: F64
    seen: I64
    nodes: I32
    where: U8


def make_scratch(program: Program, trie: Trie, paths: int, longest: int) -> Scratch:
    """Return room for lines of at most ``longest`` bytes with this many wanted paths."""
    fold = longest + PAD
    line = np.empty(len(program.pool) + 2 * fold, np.uint8)
    line[: len(program.pool)] = program.pool
    # An element takes at least two bytes of its line, the last one of an array with its bracket.
    elements = longest // 2 + 1
    return Scratch(
        line=line,
        base=len(program.pool),
        fold=fold,
        tags=np.empty(paths, np.uint8),
        value=np.empty(paths),
        span=np.empty((paths, 2), np.int64),
        element=np.empty((elements, 3), np.int64),
        element_value=np.empty(elements),
        words=np.empty((elements + 1, 2), np.int64),
        range_of=np.zeros((len(program.fields), 2), np.int64),
        number_of=np.empty(len(program.fields)),
        seen=np.empty(len(trie.path), np.int64),
        nodes=np.empty(DEPTH, np.int32),
        where=np.empty(16, np.uint8),
    )
