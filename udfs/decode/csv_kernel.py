"""One CSV line to spans: cells without quotes, or quoted whole with none inside; the rest is for the slow path."""

from __future__ import annotations

from udfs.decode.scan import utf8_length
from udfs.decode.tokens import STRING
from udfs.jit import inlined
from udfs.types import I32, I64, U8

_CELL = 131_072
"""Python's reader refuses longer cells, so they are its to judge."""


@inlined
def csv_line(data: U8, i: int, stop: int, separator: int, cells: I32, part: int, span: I64, tags: U8) -> bool:
    """Parse one line of cells; False leaves it to the slow path.

    Args:
        data: the line.
        i: where it begins.
        stop: where it ends.
        separator: the byte between cells.
        cells: (partitions, columns + 1): how many columns each has, then the wanted path of each, or -1.
        part: the line's partition.
        span: out, (paths, 2): where each wanted value stands, without quotes.
        tags: out, (paths,): STRING; an empty cell stays as it came in.
    """
    column = 0
    while True:
        quoted = i < stop and data[i] == 34
        first = i + 1 if quoted else i
        i = first
        while i < stop and data[i] != 34 and (quoted or data[i] != separator):
            c = data[i]
            if c == 10 or c == 13 or c == 0:
                return False
            if c < 0x80:
                i += 1
            else:
                length = utf8_length(data, i, stop)
                if length == 0:
                    return False
                i += length
        last = i
        if last - first >= _CELL:
            return False
        if quoted:
            if i >= stop:
                return False
            i += 1
        elif i < stop and data[i] == 34:
            return False
        if column >= cells[part, 0]:
            return False
        path = cells[part, column + 1]
        if path >= 0 and last > first:
            span[path, 0], span[path, 1] = first, last
            tags[path] = STRING
        column += 1
        if i >= stop:
            return column == int(cells[part, 0])
        if data[i] != separator:
            return False
        i += 1
