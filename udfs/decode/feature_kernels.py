"""Cleaned fields of one event to what features, labels and keys make of them."""

from __future__ import annotations

import math

import numpy as np

from udfs.decode import program
from udfs.decode.identity import reference
from udfs.decode.json_kernel import same
from udfs.decode.scan import utf8_length
from udfs.hashing.murmur3 import murmur3_32
from udfs.jit import inlined, loop
from udfs.types import F32, F64, I64, U8, U32, U64


@loop
def equals_any(line: U8, start: int, stop: int, texts: I64, first: int, last: int) -> bool:
    """Tell whether ``line[start:stop]`` is one of the ``texts`` from ``first`` to ``last``, ranges of ``line``."""
    for t in range(first, last):
        if texts[t, 1] - texts[t, 0] == stop - start and same(line, start, line, texts[t, 0], stop - start):
            return True
    return False


@loop
def _tokens(line: U8, start: int, stop: int, seed: int, used: int, hashes: U32) -> int:
    """Append the hashes of tokens (split on U+0020); return how much of ``hashes`` is used then."""
    first = start
    for i in range(start, stop + 1):
        if i == stop or line[i] == 32:
            if i > first:
                hashes[used] = murmur3_32(line, first, i, seed)
                used += 1
            first = i + 1
    return used


@loop
def _ngrams(line: U8, start: int, stop: int, size: int, seed: int, used: int, hashes: U32) -> int:
    """Append the hashes of runs of ``size`` code points; return how much of ``hashes`` is used then."""
    first = end = start
    points = 0
    while end < stop:
        end += utf8_length(line, end, stop)
        points += 1
        if points >= size:
            hashes[used] = murmur3_32(line, first, end, seed)
            used += 1
            first += utf8_length(line, first, stop)
    return used


@inlined
def _clear(
    row: int,
    ref: U64,
    single: U32,
    present: U64,
    number: F64,
    label: F64,
    weight: F64,
    vector: F32,
    multiple: I64,
    key: I64,
) -> None:
    for i in range(ref.shape[1]):
        ref[row, i] = 0
    for i in range(single.shape[1]):
        single[row, i] = 0
    for i in range(present.shape[1]):
        present[row, i] = 0
    for i in range(number.shape[1]):
        number[row, i] = math.nan
    for i in range(label.shape[1]):
        label[row, i], weight[row, i] = math.nan, 1.0
    for i in range(vector.shape[1]):
        vector[row, i] = math.nan
    for i in range(multiple.shape[0]):
        multiple[i, row, 0], multiple[i, row, 1] = 0, 0
    for i in range(key.shape[0]):
        key[i, row, 0], key[i, row, 1] = 0, 0


@inlined
def make_features(
    line: U8,
    first: int,
    last: int,
    steps: I64,
    texts: I64,
    element_value: F64,
    words: I64,
    range_of: I64,
    number_of: F64,
    row: int,
    ref: U64,
    single: U32,
    present: U64,
    number: F64,
    label: F64,
    weight: F64,
    vector: F32,
    multiple: I64,
    key: I64,
    hashes: U32,
    text: U8,
    used: I64,
) -> None:
    """Run the steps from ``first`` to ``last`` of the ``Program`` for one row.

    Fields come in as ``field_kernels.read_fields`` left them; the arrays from ``ref`` on are those of ``Columns``.
    """
    _clear(row, ref, single, present, number, label, weight, vector, multiple, key)
    for s in range(first, last):
        op, f, column, seed = (
            steps[s, program.OP],
            steps[s, program.FIELD],
            steps[s, program.COLUMN],
            steps[s, program.SEED],
        )
        start, stop = range_of[f, 0], range_of[f, 1]
        if op == program.COPY_NUMBER:
            number[row, column] = number_of[f]
        elif op == program.LABEL:
            label[row, column] = number_of[f]
        elif op == program.WEIGHT:
            weight[row, column] = 1.0 if math.isnan(number_of[f]) else number_of[f]
        elif start == stop:
            continue
        elif op == program.SINGLE:
            single[row, column] = murmur3_32(line, start, stop, seed)
            present[row, column >> 6] |= np.uint64(1) << np.uint64(column & 63)
        elif op == program.LABEL_TEXT:
            hit = equals_any(line, start, stop, texts, steps[s, program.VALUES], steps[s, program.VALUES_END])
            label[row, column] = 1.0 if hit else 0.0
        elif op == program.COORDINATES:
            for i in range(stop - start):
                vector[row, column + i] = np.float32(element_value[start + i])
        elif op == program.REF:
            ref[row, column] = reference(line, start, stop)
        elif op == program.KEY:
            key[column, row, 0] = used[1]
            for i in range(stop - start):
                text[used[1] + i] = line[start + i]
            used[1] += stop - start
            key[column, row, 1] = used[1]
        else:
            begin = multiple[column, row, 0] = used[0]
            if op == program.TOKENS:
                used[0] = _tokens(line, start, stop, seed, begin, hashes)
            elif op == program.NGRAMS:
                used[0] = _ngrams(line, start, stop, steps[s, program.SIZE], seed, begin, hashes)
            elif op == program.WHOLE:
                hashes[begin] = murmur3_32(line, start, stop, seed)
                used[0] = begin + 1
            else:
                for w in range(start, stop):
                    hashes[begin + w - start] = murmur3_32(line, words[w, 0], words[w, 1], seed)
                used[0] = begin + stop - start
            multiple[column, row, 1] = used[0]
