"""A one-dimensional ``.npy`` file that grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy


class ColumnFile:
    """Appends to ``<folder>/<name>.npy``, which has its name once it is complete.

    Its header says at the end how long it became: numpy leaves room there for a growing first axis.
    """

    def __init__(self, folder: Path, name: str, dtype: npt.DTypeLike) -> None:
        self._path, self._partial = folder / f"{name}.npy", folder / f".{name}.npy"
        self._dtype = np.dtype(dtype)
        self._length = 0
        self._out = self._partial.open("wb")
        self._write_header()

    def append(self, values: npt.NDArray[Any]) -> None:
        """Write values (n,) after those that are there."""
        self._out.write(np.ascontiguousarray(values, self._dtype).data)
        self._length += len(values)

    def close(self) -> None:
        """Complete the file."""
        self._out.seek(0)
        self._write_header()
        self._out.close()
        self._partial.rename(self._path)

    def abandon(self) -> None:
        """Remove what was written."""
        self._out.close()
        self._partial.unlink(missing_ok=True)

    def _write_header(self) -> None:
        header = {"descr": self._dtype.str, "fortran_order": False, "shape": (self._length,)}
        npy.write_array_header_1_0(self._out, header)  # type: ignore[no-untyped-call]
