"""Rows of cleaned event fields as the tensors that a released model takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from udfs.releases.manifest import Tensor
from udfs.types import Column

RawRow = Mapping[str, Any]
_INT64 = range(-(1 << 63), 1 << 63)


def feed(inputs: Sequence[Tensor], rows: Sequence[RawRow]) -> dict[str, Column]:
    """Return a tensor for each input.

    Args:
        inputs: the inputs of the model, as its manifest gives them.
        rows: cleaned values by field, as in ``udfs/features/values.py``, and the event's time in microseconds under
            ``timestamp``; what is absent or None is missing.
    """
    return {tensor.name: _column(tensor, [row.get(tensor.name) for row in rows]) for tensor in inputs}


def unfit(tensor: Tensor, value: Any) -> str | None:
    """Return what an input allows where a value is not that; None where it is."""
    if value is None:
        return None
    if tensor.type == "int64":
        return None if _is_number(value) and value == int(value) and int(value) in _INT64 else "a whole number"
    kind, fits = ("string", _is_string) if tensor.type == "string" else ("number", _is_number)
    if len(tensor.shape) == 1:
        return None if fits(value) else f"a {kind}"
    if tensor.type == "string":
        return None if isinstance(value, list) and all(map(fits, value)) else "a list of strings"
    length = int(tensor.shape[1])
    whole = isinstance(value, list) and len(value) in (0, length) and all(map(fits, value))
    return None if whole else f"a list of {length} numbers"


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and math.isfinite(value)
    except OverflowError:
        return False


def _column(tensor: Tensor, values: list[Any]) -> Column:
    if tensor.type == "int64":
        return np.array([value or 0 for value in values], np.int64)
    if tensor.type == "string":
        return _strings(values) if len(tensor.shape) == 1 else _lists(values)
    if len(tensor.shape) == 1:
        return np.array([math.nan if value is None else value for value in values], np.float64)
    length = int(tensor.shape[1])
    vectors = [value or [math.nan] * length for value in values]
    return np.array(vectors, np.float64).reshape(len(values), length)


def _strings(values: list[Any]) -> Column:
    return np.array([value or "" for value in values], object)


def _lists(values: list[Any]) -> Column:
    longest = max((len(value or ()) for value in values), default=0)
    padded = np.full((len(values), longest), "", object)
    for i, value in enumerate(values):
        padded[i, : len(value or ())] = value or ()
    return padded
