"""The column names of CSV files, read from their first lines."""

from __future__ import annotations

import csv
import gzip
import io
from functools import lru_cache
from typing import Any

from udfs.errors import ConfigurationError
from udfs.locations import opened


def _first_line(raw: Any, packed: bool) -> str:
    # Streams of pyarrow cannot read a line themselves.
    with gzip.open(raw) if packed else io.BufferedReader(raw) as stream:
        return stream.readline().decode()


@lru_cache(maxsize=4096)
def header(uri: str, separator: str) -> tuple[str, ...]:
    """Return the cells of a file's first line; ``.gz`` is unpacked.

    Raises:
        ConfigurationError: the file is gone or its first line is no CSV.
    """
    try:
        filesystem, path = opened(uri)
        with filesystem.open_input_stream(path, compression=None) as raw:
            line = _first_line(raw, path.endswith(".gz"))
        return tuple(next(csv.reader([line.rstrip("\r\n")], delimiter=separator)))
    except (OSError, UnicodeDecodeError, csv.Error, StopIteration) as error:
        raise ConfigurationError(
            f"The header of {uri} cannot be read ({error})", "Check the file, or name columns"
        ) from None
