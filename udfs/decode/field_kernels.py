"""Parsed values of one line to validated, cleaned fields; what is not plain is left to the slow path."""

from __future__ import annotations

import math

import numpy as np

from udfs.decode import program
from udfs.decode.ascii_text import text_state
from udfs.decode.containers import array
from udfs.decode.line import LARGEST_COORDINATE
from udfs.decode.scan import FOLD, SLOW, read_integer, read_iso8601
from udfs.decode.tokens import ABSENT, ARRAY, DECIMAL, FALSE, INTEGER, NULL, STRING, TRUE, number
from udfs.jit import inlined, loop
from udfs.types import F64, I64, U8
from udfs.words import load8

_SCALES = np.array([1_000_000, 1_000, 1])
_LARGEST = 1 << 62
_ISO8601, _INGEST = 3, 4
_DIGITS = 18


@inlined
def time_value(line: U8, p: int, span: I64, tags: U8, unit: int, csv: bool, now: int) -> tuple[bool, int]:
    """Read the timestamp at path ``p`` as microseconds since 1970; ``unit`` is an index into ``program.UNITS``."""
    if unit == _INGEST:
        return True, now
    tag, start, stop = tags[p], span[p, 0], span[p, 1]
    if unit == _ISO8601:
        return read_iso8601(line, start, stop) if tag == STRING else (False, 0)
    if csv and tag == STRING:
        end, tag, _ = number(line, start)
        if end != stop:
            return False, 0
    if tag != INTEGER:
        return False, 0
    good, value = read_integer(line, start, stop)
    if not good or abs(value) >= _LARGEST // _SCALES[unit]:
        return False, 0
    return True, value * _SCALES[unit]


@inlined
def _text(line: U8, fold: int, tag: int, start: int, stop: int, fields: I64, f: int, words: I64, at: int) -> bool:
    """Clean a value into ``words[at]``: where it stands, ``fold`` bytes further on if its case was changed."""
    case = fields[f, program.CASE]
    if tag != STRING:
        if fields[f, program.KIND] == program.TEXT or tag not in (INTEGER, TRUE, FALSE):
            return False
        if tag == INTEGER and (stop - start > _DIGITS or (load8(line, start) == 45 and load8(line, start + 1) == 48)):
            return False
    state = text_state(line, start, stop, fields[f, program.NFC] != 0, fields[f, program.TRIM] != 0, case)
    if state == SLOW:
        return False
    if state == FOLD:
        for i in range(start, stop):
            c = line[i]
            letter = 65 <= c <= 90 if case == 1 else 97 <= c <= 122
            line[fold + i] = c ^ 32 if letter else c
        start, stop = start + fold, stop + fold
    words[at, 0], words[at, 1] = start, stop
    return True


@loop
def _points(line: U8, start: int, stop: int) -> int:
    points = 0
    for i in range(start, stop):
        points += (line[i] & 0xC0) != 0x80
    return points


@loop
def _list(line: U8, fold: int, element: I64, first: int, last: int, fields: I64, f: int, words: I64, used: int) -> int:
    """Clean the elements, from ``words[used]`` on; return how many words there are then, or -1."""
    for e in range(first, last):
        if used == len(words):
            return -1
        start, stop = element[e, 0], element[e, 1]
        if start == stop:
            continue
        if not _text(line, fold, element[e, 2], start, stop, fields, f, words, used):
            return -1
        used += 1
    return used


@loop
def _vector(element: I64, value: F64, first: int, last: int) -> bool:
    for e in range(first, last):
        # A number that is not read exactly is NaN, which is not below any either.
        if (element[e, 2] != INTEGER and element[e, 2] != DECIMAL) or not abs(value[e]) < LARGEST_COORDINATE:
            return False
    return True


@inlined
def read_fields(
    line: U8,
    fold: int,
    csv: bool,
    first: int,
    last: int,
    fields: I64,
    bounds: F64,
    span: I64,
    tags: U8,
    value: F64,
    element: I64,
    element_value: F64,
    words: I64,
    range_of: I64,
    number_of: F64,
) -> bool:
    """Validate and clean the fields of an event; False leaves it to the slow path.

    Args:
        line: the line; defaults stand before it, room for copies of other case ``fold`` bytes behind it.
        fold: as told.
        csv: whether numbers stand in cells.
        first: the event's first field.
        last: the field behind its last.
        fields: of the ``Program``.
        bounds: of the ``Program``.
        span: as the line's parser left it.
        tags: as the line's parser left it.
        value: as the line's parser left it.
        element: as the line's parser left it.
        element_value: as the line's parser left it.
        words: (room, 2): out: where each cleaned text stands, elements of lists one by one.
        range_of: (fields, 2): out: the range of a text in ``line``, of a list in ``words``, of a vector in
            ``element_value``; empty when it is missing.
        number_of: (fields,): out: a number; NaN when it is missing.
    """
    used, cells = 1, 0
    for f in range(first, last):
        path, kind = fields[f, program.PATH], fields[f, program.KIND]
        tag, start, stop = tags[path], span[path, 0], span[path, 1]
        required = fields[f, program.REQUIRED] != 0
        if tag == NULL and fields[f, program.NULLABLE] == 0:
            return False
        size = 0.0
        if kind == program.NUMBER:
            if tag in (ABSENT, NULL):
                number_of[f] = bounds[f, program.NUMBER_DEFAULT]
                if required and math.isnan(number_of[f]):
                    return False
                continue
            size = value[path]
            if csv:
                end, tag, size = number(line, start)
                if end != stop:
                    return False
            elif tag in (TRUE, FALSE):
                size = 1.0 if tag == TRUE else 0.0
            elif tag != INTEGER and tag != DECIMAL:
                return False
            if math.isnan(size):
                return False
            number_of[f] = size
        elif kind == program.LIST or kind == program.VECTOR:
            if tag in (ABSENT, NULL):
                range_of[f, 0], range_of[f, 1] = 0, 0
                if required:
                    return False
                continue
            if csv and load8(line, start) == 91:
                end, known, tag = array(line, start, stop, cells, element, element_value)
                if end != stop:
                    return False
                start, stop, cells = cells, known, known
            if tag != ARRAY:
                return False
            if kind == program.LIST:
                range_of[f, 0] = used
                used = _list(line, fold, element, start, stop, fields, f, words, used)
                if used < 0:
                    return False
                range_of[f, 1] = used
            else:
                if stop - start != fields[f, program.LENGTH] or not _vector(element, element_value, start, stop):
                    return False
                range_of[f, 0], range_of[f, 1] = start, stop
            if range_of[f, 0] == range_of[f, 1]:
                if required:
                    return False
                continue
            size = float(range_of[f, 1] - range_of[f, 0])
            if kind == program.VECTOR:
                continue
        else:
            if tag in (ABSENT, NULL) or (tag == STRING and start == stop):
                range_of[f, 0], range_of[f, 1] = fields[f, program.DEFAULT], fields[f, program.DEFAULT_END]
                if required and range_of[f, 0] == range_of[f, 1]:
                    return False
                continue
            if not _text(line, fold, tag, start, stop, fields, f, words, 0):
                return False
            range_of[f, 0], range_of[f, 1] = words[0, 0], words[0, 1]
            if fields[f, program.BOUNDED] == 0:
                continue
            size = float(_points(line, range_of[f, 0], range_of[f, 1]))
        if size < bounds[f, program.LOW] or size > bounds[f, program.HIGH]:
            return False
    return True
