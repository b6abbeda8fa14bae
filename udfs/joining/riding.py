"""Columns that waiting impressions carry only where something behind asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from udfs.frames import Frame
from udfs.types import U64, Arrays

_OPTIONAL: Final = ("cap", "user")
_ITEM: Final = "item."


def _is_optional(name: str) -> bool:
    return name in _OPTIONAL or name.startswith(_ITEM)


def columns_of(frame: Frame, riding: Iterable[str], refs: Sequence[str]) -> Arrays:
    """Return the columns of an event frame that ride with its rows; ``refs`` name the columns of ``ref``."""
    given = frame.columns
    return {
        name: given["ref"][:, refs.index(name.removeprefix(_ITEM))] if name.startswith(_ITEM) else given[name]
        for name in riding
    }


def fitted(frame: Frame, riding: Mapping[str, np.generic]) -> Frame:
    """Return stored rows with the columns that ride now; of rows from before nothing is known.

    Args:
        frame: rows that wait.
        riding: the columns, and what stands for none.
    """
    columns = {name: column for name, column in frame.columns.items() if name in riding or not _is_optional(name)}
    columns |= {name: np.full(frame.n, none) for name, none in riding.items() if name not in columns}
    return Frame(frame.kind, frame.n, frame.meta, columns, frame.ragged)


def item_column(frame: Frame, field: str, refs: Sequence[str]) -> U64:
    """Return the hashes of items (n,) of events, or of impressions that waited; 0 is missing."""
    given = frame.columns
    return given[f"{_ITEM}{field}"] if f"{_ITEM}{field}" in given else given["ref"][:, refs.index(field)]
