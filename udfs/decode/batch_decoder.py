"""A batch of raw records into columns and rejects: the fast path first, the slow path for what it leaves over."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from udfs.decode.columns import Columns, allocate
from udfs.decode.layout import Layout
from udfs.decode.line import read_line
from udfs.decode.program import build_program
from udfs.decode.reject import Reject
from udfs.decode.row import Row, make_row
from udfs.decode.row_kernel import decode_rows
from udfs.decode.scratch import make_scratch
from udfs.decode.trie import build_trie
from udfs.hashing import hash128
from udfs.types import I32, I64, U8, U16, U64, Bool


class Lines(NamedTuple):
    """The lines of a batch.

    Attributes:
        data: uint8: the bytes.
        span: int64 (n, 2): where each line begins and ends.
        part: uint16 (n,): its partition, an index into ``parts``.
        position: int64 (n, 2): its record's offset and its index within it; of a file, its byte and 0.
        parts: the names of the partitions: ``topic/number``, or a file's path.
        topics: each partition's topic; empty for files.
        now: ingest time, microseconds since 1970.
    """

    data: U8
    span: I64
    part: U16
    position: I64
    parts: tuple[str, ...]
    topics: tuple[str, ...]
    now: int

    def line(self, row: int) -> bytes:
        """Return one line's bytes."""
        return self.data[self.span[row, 0] : self.span[row, 1]].tobytes()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of a batch: columns for rows in ``good``, a reject for each of the others."""

    columns: Columns
    good: Bool
    rejects: list[tuple[int, Reject]]


class BatchDecoder:
    """Decodes batches of lines.

    Attributes:
        fast: whether to try the kernels; tests turn it off to compare.
    """

    def __init__(self, layout: Layout, header: Callable[[str], Sequence[str]], fast: bool = True) -> None:
        """Keep the layout; ``header`` returns a file's column names, for CSV files that begin with a header."""
        self.layout = layout
        self._format = layout.plan.format
        self._header = header
        self._paths = layout.paths()
        self._trie = build_trie(self._paths)
        self._program = build_program(layout, self._paths)
        # Kernels compare keys with what is written, so a key that can only be written with escapes is not for them.
        self.fast = fast and (self._format.kind == "csv" or all(map(_is_plain, itertools.chain(*self._paths))))
        self._scratch = make_scratch(self._program, self._trie, len(self._paths), self._format.max_line_bytes)

    def columns_of(self, part: str) -> tuple[str, ...]:
        """Return the column names of a partition; empty for JSON."""
        if self._format.kind == "json":
            return ()
        return self._format.columns or tuple(self._header(part))

    def decode(self, lines: Lines) -> Decoded:
        """Decode a batch; every line ends in the columns or among the rejects."""
        n = len(lines.span)
        columns = allocate(self.layout, n, int((lines.span[:, 1] - lines.span[:, 0]).sum()))
        good = np.zeros(n, np.bool_)
        places = np.array([hash128(name) for name in lines.parts], np.uint64).reshape(-1, 2)
        if self.fast:
            self._fast(lines, places, columns, good)
        slow, rejects = self._slow(lines, places, good)
        return Decoded(_write(columns, slow), good, rejects)

    def _fast(self, lines: Lines, places: U64, columns: Columns, good: Bool) -> None:
        rules = self._format
        csv = rules.kind == "csv"
        events = self.layout.plan.events
        tables: tuple[Any, ...] = (*self._program[:-1], *self._scratch, *columns, good)
        of_topic = [[event.match.topic in (None, topic) for event in events] for topic in lines.topics]
        decode_rows(
            lines.data,
            lines.span,
            lines.part,
            lines.position,
            places,
            lines.now,
            csv,
            rules.max_line_bytes,
            *self._trie,
            ord(rules.separator),
            self._cells(lines) if csv else np.empty((0, 0), np.int32),
            np.array(of_topic, np.bool_).reshape(-1, len(events)),
            *tables,
        )

    def _cells(self, lines: Lines) -> I32:
        """Return for each partition how many columns it has, and the wanted path of each column, or -1."""
        names = {part: self.columns_of(lines.parts[part]) for part in np.unique(lines.part).tolist()}
        cells = np.full((len(lines.parts), 1 + max(map(len, names.values()), default=0)), -1, np.int32)
        for part, columns in names.items():
            cells[part, 0] = len(columns)
            for i, name in enumerate(columns):
                if (name,) in self._paths:
                    cells[part, i + 1] = self._paths.index((name,))
        return cells

    def _slow(self, lines: Lines, places: U64, good: Bool) -> tuple[list[tuple[int, Row]], list[tuple[int, Reject]]]:
        rows: list[tuple[int, Row]] = []
        rejects: list[tuple[int, Reject]] = []
        for index in np.flatnonzero(~good).tolist():
            part = int(lines.part[index])
            line = lines.line(index)
            try:
                event = read_line(
                    line, self.layout.plan, self.columns_of(lines.parts[part]), lines.topics[part], lines.now
                )
            except Reject as reject:
                rejects.append((index, reject))
                continue
            position = lines.position[index].tobytes()
            place = (int(places[part, 0]), int(places[part, 1]))
            rows.append((index, make_row(self.layout, event, place, position)))
            good[index] = True
        return rows, rejects


def _is_plain(key: str) -> bool:
    return not any(character < " " or character in '"\\' for character in key)


def _write(columns: Columns, rows: list[tuple[int, Row]]) -> Columns:
    """Write rows over whatever the fast path left of them; ragged values go to the end of the shared buffers."""
    if not rows:
        return columns
    hashes: list[int] = []
    text = b""
    for index, row in rows:
        columns.type[index], columns.time[index] = row.type, row.time
        columns.user[index], columns.id[index] = row.user, row.id
        columns.ref[index] = np.array(row.ref, np.uint64)
        columns.number[index], columns.label[index], columns.weight[index] = row.number, row.label, row.weight
        columns.vector[index] = row.vector
        columns.present[index] = 0
        for column, value in enumerate(row.single):
            columns.single[index, column] = value or 0
            if value is not None:
                columns.present[index, column >> 6] |= np.uint64(1 << (column & 63))
        for column, values in enumerate(row.multiple):
            start = int(columns.used[0]) + len(hashes)
            hashes += values
            columns.multiple[column, index] = start, start + len(values)
        for column, key in enumerate(row.key):
            start = int(columns.used[1]) + len(text)
            text += key
            columns.key[column, index] = start, start + len(key)
    return columns._replace(
        hashes=np.concatenate((columns.hashes[: columns.used[0]], np.array(hashes, np.uint32))),
        text=np.concatenate((columns.text[: columns.used[1]], np.frombuffer(text, np.uint8))),
    )
