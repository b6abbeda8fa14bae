"""A batch of raw records into columns and rejects: the fast path first, the slow path for what it leaves over."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from udfs.decode.columns import Columns, allocate
from udfs.decode.csv_kernel import parse_csv
from udfs.decode.field_kernels import match_column
from udfs.decode.filler import Filler, Pool
from udfs.decode.json_kernel import parse_json
from udfs.decode.layout import Layout
from udfs.decode.line import read_line
from udfs.decode.reject import Reject
from udfs.decode.row import Row, make_row
from udfs.decode.trie import build_trie
from udfs.hashing import hash128
from udfs.types import I32, I64, U8, U16, U64, Bool


class Lines(NamedTuple):
    """The lines of a batch.

    Attributes:
        data: uint8: the bytes.
        span: int64 (n, 2): where each line begins and ends.
        part: uint16 (n,): its partition, an index into ``parts``.
        position: int64 (n, 2): its record's offset (-1 in files) and its index within the record.
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
        self.fast = fast
        self._format = layout.plan.format
        self._header = header
        self._paths = layout.paths()
        self._trie = build_trie(self._paths)
        self._pool = Pool()
        self._source: U8 = np.empty(0, np.uint8)
        self._fillers = [Filler(layout, i, self._paths, self._pool) for i in range(len(layout.plan.events))]
        self._matches = [[self._pool.add(value) for value in event.match.values] for event in layout.plan.events]

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
        shape = (len(lines.span), len(self._paths))
        spans = np.empty((*shape, 2), np.int32)
        tags = np.zeros(shape, np.uint8)
        self._parse(lines, spans, tags, good)
        pool = np.frombuffer(bytes(self._pool.data), np.uint8)
        source = self._buffer(lines.data, pool)
        left = good.copy()
        good[:] = False
        for filler, values in zip(self._fillers, self._matches, strict=True):
            chosen = self._chosen(filler, values, lines, spans, tags, pool, left)
            filler.fill(
                lines.data,
                source,
                len(lines.data) + len(pool),
                lines.span,
                spans,
                tags,
                chosen,
                lines.part,
                places,
                lines.position,
                lines.now,
                columns,
            )
            good |= chosen

    def _buffer(self, data: U8, pool: U8) -> U8:
        """Return the lines, the pool and room for folded lines, in memory kept between batches: new pages cost 10 %."""
        size = 2 * len(data) + len(pool)
        if len(self._source) < size:
            self._source = np.empty(size + size // 4, np.uint8)
        source = self._source[:size]
        source[: len(data)] = data
        source[len(data) : len(data) + len(pool)] = pool
        return source

    def _chosen(
        self, filler: Filler, values: list[tuple[int, int]], lines: Lines, spans: I32, tags: U8, pool: U8, left: Bool
    ) -> Bool:
        """Return the rows of ``left`` that are of this type, and take them out of it, with those not plain enough."""
        match = filler.event.match
        rows = left.copy()
        if match.topic is not None:
            rows &= np.array([topic == match.topic for topic in lines.topics], np.bool_)[lines.part]
        if not match.path:
            left &= ~rows
            return rows
        path = self._paths.index(match.path)
        plain, found = rows.copy(), np.zeros(len(rows), np.bool_)
        match_column(
            lines.data, spans[:, path], tags[:, path], pool, np.array(values, np.int64).reshape(-1, 2), plain, found
        )
        left &= ~found & ~(rows & ~plain)
        return found

    def _parse(self, lines: Lines, spans: I32, tags: U8, good: Bool) -> None:
        limit = self._format.max_line_bytes
        if self._format.kind == "json":
            parse_json(lines.data, lines.span, limit, *self._trie, spans, tags, good)
            return
        cuts = [0, *(np.flatnonzero(np.diff(lines.part)) + 1).tolist(), len(lines.part)]
        for start, stop in itertools.pairwise(cuts):
            if start == stop:
                continue
            names = self.columns_of(lines.parts[lines.part[start]])
            wanted = [self._paths.index((name,)) if (name,) in self._paths else -1 for name in names]
            rows = slice(start, stop)
            paths = np.array(wanted, np.int32)
            separator = ord(self._format.separator)
            parse_csv(lines.data, lines.span[rows], limit, separator, paths, spans[rows], tags[rows], good[rows])

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
            position = line if lines.position[index, 0] < 0 else lines.position[index].tobytes()
            place = (int(places[part, 0]), int(places[part, 1]))
            rows.append((index, make_row(self.layout, event, place, position)))
            good[index] = True
        return rows, rejects


def _write(columns: Columns, rows: list[tuple[int, Row]]) -> Columns:
    """Write rows over whatever the fast path left of them; ragged values go to the end of the shared buffers."""
    if not rows:
        return columns
    hashes: list[int] = []
    text = b""
    for index, row in rows:
        columns.type[index], columns.time[index] = row.type, row.time
        columns.user[index], columns.id[index] = row.user, row.id
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
