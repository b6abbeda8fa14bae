"""Spans of one field to validated, cleaned values, a column at a time; a row that is not plain loses ``chosen``."""

from __future__ import annotations

import numpy as np

from udfs.decode.json_kernel import ABSENT, DECIMAL, FALSE, INTEGER, NULL, OTHER, STRING, TRUE
from udfs.decode.scan import FOLD, SLOW, cleanliness, number_end, read_integer, read_iso8601, read_number
from udfs.jit import kernel
from udfs.types import F64, I32, I64, U8, Bool

_SCALES = np.array([1_000_000, 1_000, 1])
_LARGEST = 1 << 62


@kernel
def _time(data: U8, start: int, stop: int, tag: int, unit: int, csv: bool) -> tuple[bool, int]:
    if unit == 3:
        return read_iso8601(data, start, stop) if tag == STRING else (False, 0)
    if csv:
        end, integer = number_end(data, start, stop)
        if end != stop or not integer:
            return False, 0
    elif tag != INTEGER:
        return False, 0
    good, value = read_integer(data, start, stop)
    if not good or abs(value) >= _LARGEST // _SCALES[unit]:
        return False, 0
    return True, value * _SCALES[unit]


@kernel
def time_column(
    data: U8, span: I32, tag: U8, unit: int, csv: bool, bounds: I64, now: int, chosen: Bool, out: I64
) -> None:
    """Read timestamps; ``bounds`` holds the earliest, the latest and how far past ``now`` one may lie."""
    for row in range(len(chosen)):
        if chosen[row]:
            good, time = _time(data, span[row, 0], span[row, 1], tag[row], unit, csv)
            chosen[row] = good and bounds[0] <= time <= bounds[1] and time - now <= bounds[2]
            out[row] = time


@kernel
def _points(data: U8, start: int, stop: int) -> int:
    points = 0
    for j in range(start, stop):
        points += (data[j] & 0xC0) != 0x80
    return points


@kernel
def text_column(
    source: U8,
    scratch: int,
    span: I32,
    tag: U8,
    is_text: bool,
    nullable: bool,
    required: bool,
    default: I64,
    bounds: F64,
    nfc: bool,
    trim: bool,
    case: int,
    chosen: Bool,
    out: I64,
) -> None:
    """Validate and clean a categorical or text field.

    Args:
        source: the lines, then the defaults, then from ``scratch`` on room for folded copies of the lines.
        scratch: where that room begins.
        span: int32 (n, 2): where the parsed value stands.
        tag: uint8 (n,): what it is.
        is_text: whether integers and booleans are wrong.
        nullable: the field's rule for null.
        required: whether the field must be there.
        default: (2,) where the default stands in ``source``; empty for none.
        bounds: (2,) smallest and largest length; NaN where there is none.
        nfc: whether to normalise.
        trim: whether to trim.
        case: an index into ``filler.CASES``.
        chosen: in and out.
        out: (n, 2) where the cleaned value stands in ``source``; empty when it is missing.
    """
    bounded = not (np.isnan(bounds[0]) and np.isnan(bounds[1]))
    for row in range(len(chosen)):
        if not chosen[row]:
            continue
        kind = tag[row]
        start, stop = span[row, 0], span[row, 1]
        if kind in (ABSENT, NULL) or (kind == STRING and start == stop):
            out[row, 0], out[row, 1] = default[0], default[1]
            chosen[row] = not (kind == NULL and not nullable) and not (required and default[0] == default[1])
            continue
        if kind in (DECIMAL, OTHER) or (is_text and kind != STRING):
            chosen[row] = False
            continue
        if kind == INTEGER and (stop - start > 18 or (source[start] == 45 and source[start + 1] == 48)):
            chosen[row] = False
            continue
        state = cleanliness(source, start, stop, nfc, trim, case)
        if state == SLOW:
            chosen[row] = False
            continue
        if bounded:
            points = _points(source, start, stop)
            chosen[row] = not (points < bounds[0] or points > bounds[1])
        if state == FOLD:
            for j in range(start, stop):
                c = source[j]
                letter = 65 <= c <= 90 if case == 1 else 97 <= c <= 122
                source[scratch + j] = c ^ 32 if letter else c
            start, stop = start + scratch, stop + scratch
        out[row, 0], out[row, 1] = start, stop


@kernel
def number_column(
    data: U8,
    span: I32,
    tag: U8,
    csv: bool,
    nullable: bool,
    required: bool,
    default: float,
    bounds: F64,
    chosen: Bool,
    out: F64,
) -> None:
    """Validate a number field; ``out`` (n,) is NaN where it is missing."""
    for row in range(len(chosen)):
        if not chosen[row]:
            continue
        kind = tag[row]
        if kind in (ABSENT, NULL):
            out[row] = default
            chosen[row] = not (kind == NULL and not nullable) and not (required and np.isnan(default))
            continue
        value = 0.0
        good = False
        if csv:
            end, integer = number_end(data, span[row, 0], span[row, 1])
            if end == span[row, 1]:
                good, value = read_number(data, span[row, 0], span[row, 1])
                value = 0.0 if integer and value == 0.0 else value
        elif kind in (TRUE, FALSE):
            good, value = True, 1.0 if kind == TRUE else 0.0
        elif kind in (INTEGER, DECIMAL):
            good, value = read_number(data, span[row, 0], span[row, 1])
            # An integer has no negative zero.
            value = 0.0 if kind == INTEGER and value == 0.0 else value
        out[row] = value
        chosen[row] = good and not (value < bounds[0] or value > bounds[1])


@kernel
def match_column(data: U8, span: I32, tag: U8, pool: U8, values: I64, chosen: Bool, out: Bool) -> None:
    """Tell which rows hold one of the strings ``pool[values[i, 0]:values[i, 1]]``; escapes lose ``chosen``."""
    for row in range(len(chosen)):
        out[row] = False
        if not chosen[row]:
            continue
        chosen[row] = tag[row] != OTHER
        if tag[row] == STRING:
            out[row] = equals_any(data, span[row, 0], span[row, 1], pool, values)


@kernel
def equals_any(data: U8, start: int, stop: int, pool: U8, values: I64) -> bool:
    """Tell whether ``data[start:stop]`` is one of the strings ``pool[values[i, 0]:values[i, 1]]``."""
    for v in range(len(values)):
        first = values[v, 0]
        if values[v, 1] - first == stop - start:
            same = True
            for j in range(stop - start):
                if data[start + j] != pool[first + j]:
                    same = False
                    break
            if same:
                return True
    return False


@kernel
def absent_column(tag: U8, nullable: bool, required: bool, chosen: Bool) -> None:
    """Let through only rows where a field that kernels do not read is absent and may be."""
    for row in range(len(chosen)):
        kind = tag[row]
        chosen[row] &= (kind == ABSENT or (kind == NULL and nullable)) and not required
