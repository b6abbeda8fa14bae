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
        return stream.readline().decode("utf-8-sig")


def _must_differ(names: tuple[str, ...]) -> None:
    """Refuse a name that stands twice; columns without a name are nobody's."""
    twice = next((name for i, name in enumerate(names) if name and name in names[:i]), None)
    if twice is not None:
        raise ValueError(f"the column {twice!r} stands there twice")


@lru_cache(maxsize=4096)
def header(uri: str, separator: str) -> tuple[str, ...]:
    """Return the cells of a file's first line, without a byte order mark; ``.gz`` is unpacked.

    Raises:
        ConfigurationError: the file is gone, its first line is no CSV, or a name stands twice there.
    """
    try:
        filesystem, path = opened(uri)
        with filesystem.open_input_stream(path, compression=None) as raw:
            line = _first_line(raw, path.endswith(".gz"))
        names = tuple(next(csv.reader([line.rstrip("\r\n")], delimiter=separator)))
        _must_differ(names)
    except (OSError, ValueError, csv.Error, StopIteration) as error:
        raise ConfigurationError(
            f"The header of {uri} cannot be read ({error})", "Check the file, or name columns"
        ) from None
    return names
