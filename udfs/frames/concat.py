"""Frames one after the other as one frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from udfs.frames.frame import Frame
from udfs.frames.ragged import Ragged
from udfs.types import U16


def concat(frames: Sequence[Frame]) -> Frame:
    """Return the rows of all frames in order; all have the same columns.

    Where there is a column ``part``, the result's ``parts`` are those that its rows come from, in the order in which
    they come up. The rest of the header is that of the first frame.
    """
    first = frames[0]
    if len(frames) > 1:
        columns = {name: np.concatenate([frame.columns[name] for frame in frames]) for name in first.columns}
        ragged = {name: concat_ragged([frame.ragged[name] for frame in frames]) for name in first.ragged}
    else:
        columns, ragged = dict(first.columns), first.ragged
    meta = dict(first.meta)
    if "part" in columns:
        columns["part"], meta["parts"] = _parts(frames)
    return Frame(first.kind, sum(frame.n for frame in frames), meta, columns, ragged)


def _parts(frames: Sequence[Frame]) -> tuple[U16, list[str]]:
    """Return the column ``part`` of all frames, and the names of the partitions."""
    names: dict[str, int] = {}
    columns: list[U16] = []
    for frame in frames:
        part = frame.columns["part"]
        counts = np.bincount(part)
        table = np.zeros(len(counts), np.uint16)
        for number in sorted(np.flatnonzero(counts).tolist(), key=lambda number: (part == number).argmax()):
            table[number] = names.setdefault(frame.meta["parts"][number], len(names))
        columns.append(table[part])
    return np.concatenate(columns), list(names)


def concat_ragged(columns: Sequence[Ragged]) -> Ragged:
    """Return the rows of all columns in order."""
    starts = np.cumsum([0, *(len(column.values) for column in columns)])
    pointers = [column.pointers[1:] + np.uint32(start) for column, start in zip(columns, starts, strict=False)]
    values = np.concatenate([column.values for column in columns])
    return Ragged(np.concatenate([np.zeros(1, np.uint32), *pointers]).astype(np.uint32), values)
