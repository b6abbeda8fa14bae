"""A batch of lines to rows of columns: each line is parsed, validated and hashed while it is in the cache."""

from __future__ import annotations

import numpy as np

from udfs.decode import program
from udfs.decode.csv_kernel import csv_line
from udfs.decode.feature_kernels import equals_any, make_features
from udfs.decode.field_kernels import read_fields, time_value
from udfs.decode.identity import identify
from udfs.decode.json_kernel import json_line
from udfs.decode.scratch import PAD
from udfs.decode.tokens import ABSENT, OTHER, STRING
from udfs.jit import inlined, loop
from udfs.types import F32, F64, I32, I64, U8, U16, U32, U64, Bool
from udfs.words import load64, store64


@inlined
def _copy(data: U8, start: int, stop: int, line: U8, base: int) -> None:
    """Copy a line by words, since numba turns neither this loop nor a slice into one call, and put zeros behind it."""
    shift = base - start
    i = start
    while i <= stop - 8:
        store64(line, i + shift, load64(data, i))
        i += 8
    while i < stop:
        line[i + shift] = data[i]
        i += 1
    for zeros in range(0, PAD, 8):
        store64(line, stop + shift + zeros, np.uint64(0))


@inlined
def _event_of(line: U8, events: I64, of_topic: Bool, topic: int, texts: I64, span: I64, tags: U8) -> int:
    """Return the first type that matches; -1 when there is none, or when a value that decides has escapes."""
    for e in range(len(events)):
        if not of_topic[topic, e]:
            continue
        path = events[e, program.MATCH_PATH]
        if path < 0:
            return e
        if tags[path] == OTHER:
            return -1
        first, last = events[e, program.MATCH], events[e, program.MATCH_END]
        if tags[path] == STRING and equals_any(line, span[path, 0], span[path, 1], texts, first, last):
            return e
    return -1


@loop
def decode_rows(
    data: U8,
    lines: I64,
    part: U16,
    position: I64,
    places: U64,
    now: int,
    csv: bool,
    limit: int,
    first: I32,
    name: I32,
    child: I32,
    path: I32,
    keys: U8,
    separator: int,
    cells: I32,
    of_topic: Bool,
    events: I64,
    fields: I64,
    bounds: F64,
    ids: I64,
    steps: I64,
    texts: I64,
    line: U8,
    base: int,
    fold: int,
    tags: U8,
    value: F64,
    span: I64,
    element: I64,
    element_value: F64,
    words: I64,
    range_of: I64,
    number_of: F64,
    seen: I64,
    nodes: I32,
    where: U8,
    type: U8,
    time: I64,
    user: U64,
    id: U64,
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
    good: Bool,
) -> None:
    """Decode lines; those that are not plain are left to the slow path.

    Args:
        data: bytes of all lines.
        lines: (n, 2) where each begins and ends.
        part: (n,): its partition.
        position: (n, 2): its offset and index.
        places: (partitions, 2): the hash of each partition's name.
        now: ingest time, microseconds since 1970.
        csv: whether lines are CSV, else JSON.
        limit: longer lines are left over.
        first: the member of a ``Trie`` of the wanted paths.
        name: the member of a ``Trie`` of the wanted paths.
        child: the member of a ``Trie`` of the wanted paths.
        path: the member of a ``Trie`` of the wanted paths.
        keys: the member ``pool`` of a ``Trie`` of the wanted paths.
        separator: CSV's.
        cells: as ``csv_line`` takes them.
        of_topic: (partitions, events): whether a type's topic allows for it.
        events: of the ``Program``.
        fields: of the ``Program``.
        bounds: of the ``Program``.
        ids: of the ``Program``.
        steps: of the ``Program``.
        texts: of the ``Program``.
        line: of ``Scratch``, as all up to ``where``.
        base: of ``Scratch``.
        fold: of ``Scratch``.
        tags: of ``Scratch``.
        value: of ``Scratch``.
        span: of ``Scratch``.
        element: of ``Scratch``.
        element_value: of ``Scratch``.
        words: of ``Scratch``.
        range_of: of ``Scratch``.
        number_of: of ``Scratch``.
        seen: of ``Scratch``; it forgets what it saw.
        nodes: of ``Scratch``.
        where: of ``Scratch``.
        type: of ``Columns``, as all up to ``used``.
        time: of ``Columns``.
        user: of ``Columns``.
        id: of ``Columns``.
        ref: of ``Columns``.
        single: of ``Columns``.
        present: of ``Columns``.
        number: of ``Columns``.
        label: of ``Columns``.
        weight: of ``Columns``.
        vector: of ``Columns``.
        multiple: of ``Columns``.
        key: of ``Columns``.
        hashes: of ``Columns``.
        text: of ``Columns``.
        used: of ``Columns``.
        good: (n,): out: which lines are decoded.
    """
    for node in range(len(seen)):
        seen[node] = -1
    for row in range(len(lines)):
        good[row] = False
        stop = base + lines[row, 1] - lines[row, 0]
        if stop - base > limit:
            continue
        _copy(data, lines[row, 0], lines[row, 1], line, base)
        for i in range(len(tags)):
            tags[i] = ABSENT
        if csv:
            if not csv_line(line, base, stop, separator, cells, part[row], span, tags):
                continue
        elif not json_line(
            line,
            base,
            stop,
            first,
            name,
            child,
            path,
            keys,
            row,
            seen,
            nodes,
            span,
            tags,
            value,
            element,
            element_value,
        ):
            continue
        e = _event_of(line, events, of_topic, part[row], texts, span, tags)
        if e < 0:
            continue
        p = events[e, program.TIME_PATH]
        fine, time[row] = time_value(line, p, span, tags, events[e, program.UNIT], csv, now)
        if not fine or time[row] < events[e, program.EARLIEST] or time[row] > events[e, program.LATEST]:
            continue
        if time[row] - now > events[e, program.FUTURE]:
            continue
        if not read_fields(
            line,
            fold,
            csv,
            events[e, program.FIELDS],
            events[e, program.FIELDS_END],
            fields,
            bounds,
            span,
            tags,
            value,
            element,
            element_value,
            words,
            range_of,
            number_of,
        ):
            continue
        if not identify(
            line,
            events[e, program.USER],
            ids,
            events[e, program.IDS],
            events[e, program.IDS_END],
            range_of,
            places,
            part[row],
            position,
            row,
            where,
            user,
            id,
        ):
            continue
        type[row] = e
        make_features(
            line,
            events[e, program.STEPS],
            events[e, program.STEPS_END],
            steps,
            texts,
            element_value,
            words,
            range_of,
            number_of,
            row,
            ref,
            single,
            present,
            number,
            label,
            weight,
            vector,
            multiple,
            key,
            hashes,
            text,
            used,
        )
        good[row] = True
