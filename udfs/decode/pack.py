"""Pack: a batch of raw records becomes one frame of events, and one of rejects, for each bucket."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from udfs.decode.batch_decoder import BatchDecoder, Decoded, Lines
from udfs.decode.columns import Columns
from udfs.decode.layout import Layout
from udfs.decode.reject import REASONS, Reason, Reject
from udfs.decode.sample import Riders, sample_row
from udfs.decode.tokens import HIGH, ONES
from udfs.frames import Frame, Kind, Ragged, encode
from udfs.jit import kernel, loop
from udfs.quality.clocks import Clocks
from udfs.quality.partition import is_of_topic
from udfs.quality.switch import skip, skipped_frame
from udfs.types import I64, U8, U16, U32, Bool
from udfs.words import load64

PAYLOAD_LIMIT = 8192
_LINE_FEEDS = ONES * np.uint64(10)


@loop
def _are_lines(data: U8, records: I64) -> bool:
    """Tell whether every record is one line that ends in neither white space nor a line break."""
    found = np.uint64(0)
    for r in range(len(records)):
        start, stop = records[r, 0], records[r, 1]
        if stop == start or data[stop - 1] <= 32:
            return False
        whole = stop - (stop - start) % 8
        for i in range(start, whole, 8):
            word = load64(data, i) ^ _LINE_FEEDS
            found |= (word - ONES) & ~word & HIGH
        for i in range(whole, stop):
            found |= np.uint64(data[i] == 10)
    return bool(found == 0)


@kernel
def _count_lines(data: U8, records: I64) -> int:
    count = 0
    for r in range(len(records)):
        blank = True
        for i in range(records[r, 0], records[r, 1]):
            if data[i] == 10:
                count += not blank
                blank = True
            elif data[i] != 32 and data[i] != 13 and data[i] != 9:
                blank = False
        count += not blank
    return count


@kernel
def _split(data: U8, records: I64, span: I64, record: I64, index: I64) -> None:
    out = 0
    for r in range(len(records)):
        first = records[r, 0]
        ordinal = 0
        blank = True
        for i in range(records[r, 0], records[r, 1] + 1):
            if i == records[r, 1] or data[i] == 10:
                if not blank:
                    stop = i - 1 if data[i - 1] == 13 else i
                    span[out, 0], span[out, 1] = first, stop
                    record[out], index[out] = r, ordinal
                    out += 1
                    ordinal += 1
                first = i + 1
                blank = True
            elif data[i] != 32 and data[i] != 13 and data[i] != 9:
                blank = False


def split_records(data: U8, records: I64) -> tuple[I64, I64, I64]:
    """Cut records (n, 2) at line feeds; blank lines vanish.

    Returns:
        The lines (m, 2), the record of each, and its index within the record.
    """
    count = _count_lines(data, records)
    span, record, index = np.empty((count, 2), np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    _split(data, records, span, record, index)
    return span, record, index


@kernel
def order_by_bucket(bucket: U16, good: Bool, buckets: int) -> tuple[I64, I64]:
    """Return the good rows sorted by bucket, arrival order kept within each, and where each bucket begins."""
    begin = np.zeros(buckets + 1, np.int64)
    for i in range(len(bucket)):
        if good[i]:
            begin[bucket[i] + 1] += 1
    for b in range(buckets):
        begin[b + 1] += begin[b]
    rows = np.empty(begin[buckets], np.int64)
    place = begin[:-1].copy()
    for i in range(len(bucket)):
        if good[i]:
            rows[place[bucket[i]]] = i
            place[bucket[i]] += 1
    return rows, begin


@kernel
def _gather(buffer: U8, ranges: I64, rows: I64, pointers: U32, out: U8) -> None:
    for i in range(len(rows)):
        start = ranges[rows[i], 0]
        for j in range(pointers[i + 1] - pointers[i]):
            out[pointers[i] + j] = buffer[start + j]


def gather(buffer: Any, ranges: I64, rows: I64) -> Ragged:
    """Return the pieces ``buffer[ranges[row, 0]:ranges[row, 1]]`` of these rows as a ragged column."""
    pointers = np.zeros(len(rows) + 1, np.uint32)
    np.cumsum((ranges[:, 1] - ranges[:, 0])[rows], out=pointers[1:])
    out = np.empty(int(pointers[-1]), buffer.dtype)
    _gather(buffer, ranges, rows, pointers, out)
    return Ragged(pointers, out)


@lru_cache(maxsize=4096)
def _headers(columns: tuple[str, ...], separator: str) -> frozenset[bytes]:
    """Return the line of column names as programs write it: quoted nowhere, where it must be, or everywhere."""

    def written(quoting: Literal[0, 1]) -> bytes:
        line = io.StringIO()
        csv.writer(line, delimiter=separator, quoting=quoting, lineterminator="").writerow(columns)
        return line.getvalue().encode()

    return frozenset((separator.join(columns).encode(), written(csv.QUOTE_MINIMAL), written(csv.QUOTE_ALL)))


class Packer:
    """Packs batches of raw records for one plan."""

    def __init__(self, layout: Layout, header: Callable[[str], Sequence[str]], fast: bool = True) -> None:
        self.layout = layout
        self._decoder = BatchDecoder(layout, header, fast)
        self._riders = Riders(layout)
        self._buckets = layout.plan.buckets

    def pack(
        self,
        data: U8,
        records: I64,
        part: U16,
        offset: I64,
        parts: tuple[str, ...],
        topics: tuple[str, ...],
        now: int,
        clocks: Clocks | None = None,
        stamp: Mapping[str, Any] | None = None,
    ) -> list[bytes | None]:
        """Pack one batch.

        Args:
            data: uint8: the bytes of all records.
            records: int64 (n, 2): where each record begins and ends.
            part: uint16 (n,): its partition, an index into ``parts``.
            offset: int64 (n,): its offset; of a piece of a file, the byte it begins at.
            parts: the partitions' names.
            topics: the partitions' topics; of files those that they are an archive of, or empty.
            now: ingest time, microseconds since 1970.
            clocks: tell who is too late, and are advanced; None for nobody.
            stamp: what the headers of event frames hold besides.

        Returns:
            Two entries a bucket: first each bucket's frame of events, then each bucket's frame of rejects; None where
            there is nothing. Where the switch left events out, one more tells the first bucket of them.
        """
        span, record, index = self._lines(data, records, parts, part)
        position = np.stack((offset[record], index), axis=1)
        in_file = np.array([not is_of_topic(name) for name in parts], np.bool_)[part[record]]
        # A line of a file is found by its byte, however the file was cut into records.
        position[in_file, 0] += (span[:, 0] - records[record, 0])[in_file]
        position[in_file, 1] = 0
        lines = Lines(data, span, part[record], position, parts, topics, now)
        decoded = self._decoder.decode(lines)
        skipped = skip(decoded.good, decoded.columns.time, in_file, self.layout.plan.switch)
        if clocks is not None:
            self._judge(lines, decoded, clocks)
        told: list[bytes | None] = [encode(skipped_frame(skipped, now))] if skipped else []
        return self._events(lines, decoded, stamp or {}) + self._rejects(lines, decoded) + told

    def _judge(self, lines: Lines, decoded: Decoded, clocks: Clocks) -> None:
        """Make rejects of the events that come too late."""
        rows = np.flatnonzero(decoded.good)
        late = rows[clocks.judge(decoded.columns.time[rows], lines.part[rows], lines.parts)]
        message = f"more than {self.layout.plan.time.lateness} microseconds behind its partition"
        decoded.good[late] = False
        decoded.rejects.extend((row, Reject(Reason.TOO_LATE, message)) for row in late.tolist())

    def _lines(self, data: U8, records: I64, parts: tuple[str, ...], part: U16) -> tuple[I64, I64, I64]:
        n = len(records)
        if _are_lines(data, records):
            found = records, np.arange(n), np.zeros(n, np.int64)
        else:
            found = split_records(data, records)
        return self._without_headers(data, found, parts, part)

    def _without_headers(
        self, data: U8, found: tuple[I64, I64, I64], parts: tuple[str, ...], part: U16
    ) -> tuple[I64, I64, I64]:
        rules = self.layout.plan.format
        if rules.kind == "json" or rules.columns:
            return found
        span, record, index = found
        keep, sizes = np.ones(len(span), np.bool_), span[:, 1] - span[:, 0]
        for number, name in enumerate(parts):
            headers = _headers(tuple(self._decoder.columns_of(name)), rules.separator)
            rows = np.flatnonzero((part[record] == number) & np.isin(sizes, [*map(len, headers)]))
            for row in rows.tolist():
                keep[row] = data[span[row, 0] : span[row, 1]].tobytes() not in headers
        return span[keep], record[keep], index[keep]

    def _events(self, lines: Lines, decoded: Decoded, stamp: Mapping[str, Any]) -> list[bytes | None]:
        columns = decoded.columns
        bucket = (columns.user[:, 0] % np.uint64(self._buckets)).astype(np.uint16)
        rows, begin = order_by_bucket(bucket, decoded.good, self._buckets)
        if not len(rows):
            return [None] * self._buckets
        frame = self._frame(lines, columns, rows)
        frame.meta |= stamp
        cuts = begin.tolist()
        return [encode(frame.slice(a, b)) if b > a else None for a, b in itertools.pairwise(cuts)]

    def _frame(self, lines: Lines, columns: Columns, rows: I64) -> Frame:
        layout = self.layout
        frame = Frame(Kind.EVENTS, len(rows), {"parts": list(lines.parts), "now": lines.now})
        # Whole rows at once: a column of pairs costs a third of what ``column[rows]`` does.
        position = lines.position.take(rows, 0)
        frame.columns = {
            "id": columns.id.take(rows, 0),
            "time": columns.time.take(rows, 0),
            "offset": position[:, 0],
            "index": position[:, 1].astype(np.uint32),
            "part": lines.part.take(rows, 0),
            "type": columns.type.take(rows, 0),
            "single": columns.single.take(rows, 0),
            "present": columns.present.take(rows, 0),
            "number": columns.number.take(rows, 0),
            "label": columns.label.take(rows, 0),
        }
        if layout.refs:
            frame.columns["ref"] = columns.ref.take(rows, 0)
        if layout.users:
            frame.columns["user"] = columns.user[:, 0].take(rows)
        if layout.weighted:
            frame.columns["weight"] = columns.weight.take(rows, 0)
        if layout.vectors:
            frame.columns["vector"] = columns.vector.take(rows, 0)
        for i, name in enumerate(layout.multiples):
            frame.ragged[f"multiple.{name}"] = gather(columns.hashes, columns.multiple[i], rows)
        for i, name in enumerate(layout.keys):
            frame.ragged[f"key.{name}"] = gather(columns.text, columns.key[i], rows)
        search = None if layout.search is None else columns.ref[:, layout.search].take(rows)
        riding = self._riders.of(frame.columns["id"], frame.columns["type"], columns.user, rows, search)
        frame.ragged["sample"] = self._samples(lines, rows, riding)
        return frame

    def _samples(self, lines: Lines, rows: I64, riding: Bool) -> Ragged:
        lengths = np.zeros(len(rows) + 1, np.uint32)
        found: list[bytes] = []
        for place in np.flatnonzero(riding).tolist():
            row = int(rows[place])
            part = int(lines.part[row])
            columns = self._decoder.columns_of(lines.parts[part])
            found.append(sample_row(lines.line(row), self.layout.plan, columns, lines.topics[part], lines.now))
            lengths[place + 1] = len(found[-1])
        return Ragged(np.cumsum(lengths, dtype=np.uint32), np.frombuffer(b"".join(found), np.uint8))

    def _rejects(self, lines: Lines, decoded: Decoded) -> list[bytes | None]:
        found: list[list[tuple[int, int, bytes, bytes]]] = [[] for _ in range(self._buckets)]
        for row, reject in decoded.rejects:
            bucket = int(lines.position[row, 0] + lines.position[row, 1] + lines.part[row]) % self._buckets
            payload = lines.data[lines.span[row, 0] : min(lines.span[row, 1], lines.span[row, 0] + PAYLOAD_LIMIT)]
            found[bucket].append(
                (row, REASONS.index(reject.reason), reject.message.encode(errors="replace"), payload.tobytes())
            )
        return [encode(_reject_frame(lines, rejects)) if rejects else None for rejects in found]


def _reject_frame(lines: Lines, rejects: list[tuple[int, int, bytes, bytes]]) -> Frame:
    rows = np.array([reject[0] for reject in rejects])
    return Frame(
        Kind.REJECTS,
        len(rows),
        {"parts": list(lines.parts), "now": lines.now, "step": "pack", "encoding": "original"},
        {
            "reason": np.array([reject[1] for reject in rejects], np.uint8),
            "offset": lines.position[rows, 0],
            "index": lines.position[rows, 1].astype(np.uint32),
            "part": lines.part[rows],
            "size": lines.span[rows, 1] - lines.span[rows, 0],
        },
        {
            "message": Ragged.of_bytes([reject[2] for reject in rejects]),
            "payload": Ragged.of_bytes([reject[3] for reject in rejects]),
        },
    )
