"""The pack step as a vectorised UDF: the only function behind the source, stateless, one row out for a whole batch."""

from __future__ import annotations

import gc
import time
from typing import Any

import numpy as np
import pyarrow as pa
from pyflink.table.udf import FunctionContext, ScalarFunction

from jobs.arrow import bypass_pandas
from jobs.headers import header
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.schema import Plan
from udfs.types import I64, U8


class PackFunction(ScalarFunction):  # type: ignore[misc]
    """Packs a batch of records.

    ``eval`` takes Arrow arrays: the records (binary), their partitions' names (string) and their offsets (int64). It
    returns an array of lists: the first row holds every frame of the batch in the order of ``Packer.pack``, the others
    are null. So a batch may hold fewer rows than frames.
    """

    def __init__(self, plan: bytes, topics: bool) -> None:
        self._plan, self._topics = plan, topics
        self._packer: Packer | None = None

    def open(self, function_context: FunctionContext) -> None:
        """Build the packer."""
        bypass_pandas()
        plan = Plan.from_json(self._plan)
        separator = plan.format.separator
        self._packer = Packer(Layout.of(plan), lambda part: header(part, separator))
        # What was imported lives for ever: without this, full collections walk it again and again (3 % of a worker).
        gc.freeze()

    def eval(self, line: Any, part: Any, offset: Any) -> Any:
        """Pack one batch."""
        assert self._packer is not None
        data, records = _bytes_of(line)
        names = pa.compute.dictionary_encode(part)
        parts = tuple(names.dictionary.to_pylist())
        topics = tuple(name.rpartition("/")[0] if self._topics else "" for name in parts)
        index = names.indices.to_numpy(zero_copy_only=False).astype(np.uint16)
        now = time.time_ns() // 1000
        frames = self._packer.pack(data, records, index, _offsets(offset, len(line)), parts, topics, now)
        return _first_row(frames, len(line))

    def is_deterministic(self) -> bool:
        """Return False: the planner must not call it twice."""
        return False


def _bytes_of(column: Any) -> tuple[U8, I64]:
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1].astype(
        np.int64
    )
    values = column.buffers()[2]
    data: U8 = np.frombuffer(values, np.uint8) if values is not None else np.zeros(0, np.uint8)
    return data, np.stack((offsets[:-1], offsets[1:]), axis=1)


def _offsets(column: Any, n: int) -> I64:
    """Return the offsets; a constant of the query (-1 in files) arrives as one integer."""
    values: I64 = np.full(n, column, np.int64) if isinstance(column, int) else column.to_numpy(zero_copy_only=False)
    return values


def _first_row(frames: list[bytes | None], rows: int) -> Any:
    ends = np.full(rows + 1, len(frames), np.int32)
    ends[0] = 0
    valid = np.zeros((rows + 7) // 8, np.uint8)
    valid[0] = 1
    values = pa.array(frames, pa.binary())
    buffers = [pa.py_buffer(valid), pa.py_buffer(ends)]
    return pa.Array.from_buffers(pa.list_(pa.binary()), rows, buffers, children=[values])
