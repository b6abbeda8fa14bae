"""Arrow batches straight to and from the pack function: no pandas object for every line.

PyFlink turns each column of a batch into a pandas Series and back (measured: 16 % of a worker's time), and copies the
batch twice while reading it (25 %). In the workers of this job only ``PackFunction`` takes Arrow batches, so its
coder's conversions are replaced there. This is private API of apache-flink 2.3.0; a test on a cluster covers it.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def _columns(timezone: Any, field_types: Any, batches: list[pa.RecordBatch]) -> list[Any]:
    return list(batches[0].columns)


def _batch(schema: Any, timezone: Any, field_types: Any, columns: list[Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _readinto(self: Any, buffer: Any) -> int | None:
    start = self._input_offset
    size: int = min(len(buffer), self._size - start)
    if size <= 0:
        return None
    buffer[:size] = memoryview(self._input_bytes)[start : start + size]
    self._input_offset = start + size
    return size


def bypass_pandas() -> None:
    """Replace the conversions in this process; call it in a Python worker only."""
    from pyflink.fn_execution import coder_impl_slow
    from pyflink.fn_execution.ResettableIO import ResettableIO

    modules = [coder_impl_slow]
    try:
        from pyflink.fn_execution import coder_impl_fast

        modules.append(coder_impl_fast)
    except ImportError:
        pass
    for module in modules:
        module.arrow_to_pandas = _columns
        module.pandas_to_arrow = _batch
    ResettableIO.readinto = _readinto
