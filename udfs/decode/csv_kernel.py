"""CSV lines to spans: cells without quotes, or quoted whole with no quote inside; the rest is left to the slow path."""

from __future__ import annotations

from udfs.decode.json_kernel import ABSENT, STRING
from udfs.decode.scan import utf8_length
from udfs.jit import kernel
from udfs.types import I32, I64, U8, Bool

_CELL = 131_072
"""Python's reader refuses longer cells, so they are its to judge."""


@kernel
def _line(data: U8, start: int, stop: int, separator: int, paths: I32, spans: I32, tags: U8) -> bool:
    column = 0
    i = start
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
        if column >= len(paths):
            return False
        path = paths[column]
        if path >= 0:
            spans[path, 0] = first
            spans[path, 1] = last
            tags[path] = STRING if last > first else ABSENT
        column += 1
        if i >= stop:
            return column == len(paths)
        if data[i] != separator:
            return False
        i += 1


@kernel
def parse_csv(
    data: U8, lines: I64, limit: int, separator: int, paths: I32, spans: I32, tags: U8, accepted: Bool
) -> None:
    """Parse lines of cells; ``paths`` int32 (columns,) names the wanted path of each column, -1 for none.

    The other arguments are those of ``parse_json``.
    """
    for row in range(len(lines)):
        start, stop = lines[row, 0], lines[row, 1]
        accepted[row] = stop - start <= limit and _line(data, start, stop, separator, paths, spans[row], tags[row])
